// My authenticator app and my recovery codes.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeySquare, Smartphone } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { errorText } from "../../api/problem";
import type { MySecondFactor, TotpEnrolment } from "../../api/types";
import { Button } from "../../ui/button";
import { CODE_LENGTH } from "../../ui/code-field";
import { Confirm } from "../../ui/confirm";
import { Dialog } from "../../ui/dialog";
import { FormDialog } from "../../ui/form-dialog";
import { plural } from "../../ui/format";
import { RecoveryCodes } from "../../ui/recovery-codes";
import { Row, Section } from "../../ui/section";
import { Notice } from "../../ui/states";
import { Chip } from "../../ui/status";
import { TotpSetup } from "../../ui/totp-setup";

type Open = { kind: "remove" | "renew" } | { kind: "setup"; enrolment: TotpEnrolment } | { kind: "codes"; codes: string[] };

export function Totp({ factor }: { factor: MySecondFactor }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open | null>(null);
  const mayBegin = useWhyNot("me_totp_begin");
  const mayRemove = useWhyNot("me_totp_remove");
  const mayRenew = useWhyNot("me_recovery_codes");
  const close = () => setOpen(null);
  const fresh = () => queries.invalidateQueries({ queryKey: ["second-factor"] });
  const begin = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/me/totp")),
    onSuccess: (enrolment) => setOpen({ kind: "setup", enrolment }),
  });
  const any = factor.totp || factor.passkeys.length > 0;
  return (
    <Section
      title="Second factor"
      about={
        factor.required
          ? "Your role asks for one at every login."
          : any
            ? "Asked for after your password at every login."
            : "With one, your password alone opens nothing."
      }
    >
      {begin.isError && (
        <Notice tone="bad" className="mx-4 mt-3">
          {errorText(begin.error)}
        </Notice>
      )}
      <ul>
        <Row
          icon={<Smartphone size={16} aria-hidden />}
          title={<>Authenticator app {factor.totp ? <Chip tone="ok">On</Chip> : <Chip tone="idle">Off</Chip>}</>}
          sub="Six figures that change every half minute."
        >
          {factor.totp ? (
            <Button
              look="danger"
              onClick={() => setOpen({ kind: "remove" })}
              reason={
                mayRemove ??
                (factor.required && factor.passkeys.length === 0 ? "Your role demands a second factor, and this is your only one." : null)
              }
            >
              Remove…
            </Button>
          ) : (
            <Button look="primary" reason={mayBegin} busy={begin.isPending} onClick={() => begin.mutate()}>
              Set up…
            </Button>
          )}
        </Row>
        {any && (
          <Row
            icon={<KeySquare size={16} aria-hidden />}
            title="Recovery codes"
            sub={
              factor.recovery_codes_left === 0
                ? "None left. Make new ones, or losing your device locks you out."
                : `${plural(factor.recovery_codes_left, "code")} left. Each works once.`
            }
          >
            <Button reason={mayRenew} onClick={() => setOpen({ kind: "renew" })}>
              Make new ones…
            </Button>
          </Row>
        )}
      </ul>
      {open?.kind === "setup" && (
        <Setup
          enrolment={open.enrolment}
          onClose={close}
          onDone={(codes) => {
            void fresh();
            setOpen(codes.length > 0 ? { kind: "codes", codes } : null);
          }}
        />
      )}
      {open?.kind === "codes" && (
        <Dialog
          open
          onClose={close}
          title="Your recovery codes"
          footer={
            <Button look="primary" onClick={close}>
              I have kept them
            </Button>
          }
        >
          <RecoveryCodes codes={open.codes} />
        </Dialog>
      )}
      {open?.kind === "remove" && (
        <Confirm
          title="Remove the authenticator app?"
          verb="Remove"
          onGo={async () => {
            await ask(api.DELETE("/api/v1/me/totp"));
            await fresh();
          }}
          onClose={close}
        >
          Its codes are worth nothing from then on.{factor.passkeys.length === 0 && " Your password alone will open your account."}
        </Confirm>
      )}
      {open?.kind === "renew" && <Renew onClose={close} onCodes={(codes) => setOpen({ kind: "codes", codes })} onFresh={fresh} />}
    </Section>
  );
}

function Renew({ onClose, onCodes, onFresh }: { onClose: () => void; onCodes: (codes: string[]) => void; onFresh: () => Promise<void> }) {
  const make = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/me/recovery-codes")),
    onSuccess: (answer) => {
      onCodes(answer.recovery_codes);
      void onFresh();
    },
  });
  return (
    <FormDialog
      title="Make new recovery codes?"
      verb="Make them"
      busy={make.isPending}
      failure={make.error}
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
      onClose={onClose}
    >
      <p className="text-ink2">The old ones stop working at once.</p>
    </FormDialog>
  );
}

function Setup({ enrolment, onClose, onDone }: { enrolment: TotpEnrolment; onClose: () => void; onDone: (codes: string[]) => void }) {
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/me/totp/confirm", { body: { code } })),
    onSuccess: (answer) => onDone(answer.recovery_codes),
    onError: () => setCode(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.length === CODE_LENGTH && !confirm.isPending) confirm.mutate();
  };
  return (
    <FormDialog
      title="Set up an authenticator app"
      verb="Confirm"
      busy={confirm.isPending}
      failure={confirm.error}
      reason={code.length < CODE_LENGTH ? "Enter the six figures that the app shows." : null}
      onSubmit={submit}
      onClose={onClose}
    >
      <TotpSetup enrolment={enrolment} code={code} onCode={setCode} />
    </FormDialog>
  );
}
