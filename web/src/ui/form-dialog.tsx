// A form in a dialog: its fields, the failure of the last try, Cancel and one verb.
import { type FormEventHandler, type ReactNode, useId } from "react";
import { type Denial, type Reason, useMe, whyNot } from "../api/me";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { FailureNotice } from "./not-allowed";

interface FormDialogProps {
  title: ReactNode;
  description?: ReactNode;
  verb: string;
  busy: boolean;
  failure: unknown;
  reason?: Reason;
  wide?: boolean;
  denial?: Omit<Denial, "text">;
  onSubmit: FormEventHandler<HTMLFormElement>;
  onClose: () => void;
  children: ReactNode;
}

export function FormDialog({
  title,
  description,
  verb,
  busy,
  failure,
  reason,
  wide,
  denial,
  onSubmit,
  onClose,
  children,
}: FormDialogProps) {
  const id = useId();
  const me = useMe();
  // A form may be opened by its address, and a role may end while it is open.
  const denied = denial ? whyNot(me, denial.action, denial.on) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      description={description}
      wide={wide ?? false}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} reason={denied ?? reason} type="submit" form={id}>
            {verb}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={onSubmit} className="flex flex-col gap-4" noValidate>
        <FailureNotice error={failure} {...(denial ? { denial } : {})} />
        {children}
      </form>
    </Dialog>
  );
}
