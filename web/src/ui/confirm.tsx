// The question before something that cannot be taken back: what it does, the thing's name typed where that is asked, and the outcome of
// a refusal where the click was made.
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Denial, useMe, whyNot } from "../api/me";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./field";
import { FailureNotice } from "./not-allowed";

interface ConfirmProps {
  title: ReactNode;
  children: ReactNode;
  verb: string;
  /** What must be typed first. */
  type?: string;
  calm?: boolean;
  denial?: Omit<Denial, "text">;
  onGo: () => Promise<unknown>;
  onClose: () => void;
}

function unlessTyped(wanted: string | undefined, typed: string): string | null {
  return wanted !== undefined && typed.trim() !== wanted ? `Type ${wanted} first.` : null;
}

export function Confirm({ title, children, verb, type, calm = false, denial, onGo, onClose }: ConfirmProps) {
  const [typed, setTyped] = useState("");
  const go = useMutation({ mutationFn: onGo, onSuccess: onClose });
  const me = useMe();
  const denied = denial ? whyNot(me, denial.action, denial.on) : null;
  const blocked = denied ?? unlessTyped(type, typed);
  const submit = () => {
    if (!blocked && !go.isPending) go.mutate();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={calm ? "primary" : "alarm"} reason={blocked} busy={go.isPending} onClick={submit}>
            {verb}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <FailureNotice error={go.error} {...(denial ? { denial } : {})} />
        <div className="text-ink2">{children}</div>
        {type !== undefined && (
          <TextField
            label={
              <>
                Type <b className="font-semibold">{type}</b> to confirm
              </>
            }
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </form>
    </Dialog>
  );
}
