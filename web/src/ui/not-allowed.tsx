// Refusals: a whole view that one's role may not see, and a failed request that the gate refused. Both can be asked about.
import { Link } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { accessAsk, type Denial, type Reason, reasonText, useWhyNot, whyAsk } from "../api/me";
import { ApiError, errorText } from "../api/problem";
import { Button } from "./button";
import { Empty, Notice } from "./states";

/** Instead of a view. */
export function NotAllowed({ reason }: { reason: Reason }) {
  const denial = typeof reason === "object" ? reason : null;
  const mayAsk = useWhyNot("access_request_create");
  return (
    <Empty
      icon={<Lock size={18} aria-hidden />}
      title="Not for your role"
      action={
        denial && (
          <>
            <Button onClick={(event) => whyAsk(denial, event.currentTarget)}>Why not?</Button>
            <Button look="primary" reason={mayAsk} onClick={() => accessAsk({ action: denial.action, on: denial.on })}>
              Request access
            </Button>
          </>
        )
      }
    >
      {reasonText(reason)}
    </Empty>
  );
}

/** Over a form that one's role may read and not change. */
export function ReadOnlyNote({ reason }: { reason: Reason }) {
  const denial = typeof reason === "object" ? reason : null;
  if (!denial) return null;
  return (
    <Notice tone="info" className="flex flex-wrap items-center gap-x-2">
      <Lock size={14} aria-hidden />
      <span>{denial.text}</span>
      <button type="button" className="font-semibold underline underline-offset-2" onClick={(event) => whyAsk(denial, event.currentTarget)}>
        Why not?
      </button>
    </Notice>
  );
}

interface ChangeableProps {
  denied: Reason;
  label: string;
  children: ReactNode;
}

/** The fields of a form; greyed under a note that says why, where one's role may not change them. */
export function Changeable({ denied, label, children }: ChangeableProps) {
  return (
    <>
      <ReadOnlyNote reason={denied} />
      <fieldset disabled={Boolean(denied)} aria-description={reasonText(denied) ?? undefined} className="flex min-w-0 flex-col gap-4">
        <legend className="sr-only">{label}</legend>
        {children}
      </fieldset>
    </>
  );
}

/** One line about a failure; a refusal by the gate says on a press why. */
export function FailureNotice({
  error,
  denial,
  className,
}: {
  error: unknown;
  denial?: Omit<Denial, "text">;
  className?: string;
}): ReactNode {
  if (error === null || error === undefined) return null;
  const refused = error instanceof ApiError && error.code === "denied" && denial;
  return (
    <Notice tone="bad" {...(className ? { className } : {})}>
      {errorText(error)}
      {error instanceof ApiError && error.code === "second_factor_required" && (
        <Link to="/account" search={{ tab: "security" }} className="ml-2 font-semibold underline underline-offset-2">
          Set one up
        </Link>
      )}
      {refused && (
        <button
          type="button"
          className="ml-2 font-semibold underline underline-offset-2"
          onClick={(event) => whyAsk({ ...denial, text: errorText(error) }, event.currentTarget)}
        >
          Why not?
        </button>
      )}
    </Notice>
  );
}
