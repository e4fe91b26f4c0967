// Asking for access: a role, or one action on one thing, for a while and for a reason.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { agents } from "../../api/agents";
import { api, ask } from "../../api/client";
import { type AccessWish, accessAsk } from "../../api/me";
import { actionsQuery } from "../../api/queries";
import { useRoleOptions } from "../../api/roles";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ACCESS_SPANS } from "../../ui/duration";
import { SelectField, TextArea, TextField } from "../../ui/field";
import { FormDialog } from "../../ui/form-dialog";
import { Notice } from "../../ui/states";
import { actionWords } from "../../ui/status";
import { wishWords } from "./words";

interface Form {
  what: "role" | "action";
  role: string;
  action: string;
  resource: string;
  seconds: string;
  reason: string;
}

const WHAT = [
  ["role", "A role"],
  ["action", "One action"],
] as const;

export function RequestDialog({ wish }: { wish: AccessWish }) {
  const close = () => accessAsk(null);
  const queries = useQueryClient();
  const roles = useRoleOptions();
  const actions = useQuery(actionsQuery).data?.items ?? [];
  const { register, handleSubmit, watch, formState } = useForm<Form>({
    defaultValues: {
      what: wish.action ? "action" : "role",
      role: wish.role ?? "operator",
      action: wish.action ?? "agent_restart",
      resource: wish.on?.name ?? "",
      seconds: "3600",
      reason: "",
    },
    mode: "onTouched",
  });
  const [what, action] = [watch("what"), watch("action")];
  const on = actions.find((each) => each.name === action)?.on ?? wish.on?.kind ?? "everything";
  const send = useMutation({
    mutationFn: (form: Form) => {
      const resource = wish.on && form.resource === wish.on.name ? wish.on.id : form.resource.trim();
      const thing = on === "everything" ? {} : { resource_kind: on, resource };
      const wanted = form.what === "role" ? { role: form.role } : { action: form.action, ...thing };
      return ask(
        api.POST("/api/v1/access-requests", { body: { ...wanted, reason: form.reason.trim(), duration_seconds: Number(form.seconds) } }),
      );
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["access-requests"] }),
  });
  if (send.data) {
    return (
      <Dialog
        open
        onClose={close}
        title="Your request is sent"
        footer={
          <>
            <Link to="/approvals" search={{ tab: "mine" }} onClick={close} className="mr-auto text-accent hover:underline">
              To your requests
            </Link>
            <Button look="primary" onClick={close}>
              Done
            </Button>
          </>
        }
      >
        <Notice tone="ok">You asked for {wishWords(send.data)}. Whoever may grant it sees it now; nobody grants their own.</Notice>
      </Dialog>
    );
  }
  const options =
    actions.length > 0 ? actions.map((each) => [each.name, actionWords(each.name)] as const) : [[action, actionWords(action)] as const];
  return (
    <FormDialog
      title="Request access"
      description="For a while; it ends by itself. Somebody else decides."
      verb="Send the request"
      busy={send.isPending}
      failure={send.error}
      denial={{ action: "access_request_create" }}
      onSubmit={handleSubmit((form) => send.mutate(form))}
      onClose={close}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="To what" options={WHAT} {...register("what")} />
        {what === "role" ? (
          <SelectField label="Role" options={roles} {...register("role")} />
        ) : (
          <SelectField label="Action" options={options} {...register("action")} />
        )}
      </div>
      {what === "action" && on !== "everything" && (
        <>
          <TextField
            label={`On which ${on.replaceAll("_", " ")}`}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            list={on === "agent" ? "request-agents" : undefined}
            placeholder="Name or id"
            error={formState.errors.resource?.message}
            {...register("resource", { validate: (value) => value.trim() !== "" || "Say on which." })}
          />
          {on === "agent" && (
            <datalist id="request-agents">
              {[...agents.values()].slice(0, 200).map((agent) => (
                <option key={agent.id} value={agent.name} />
              ))}
            </datalist>
          )}
        </>
      )}
      <SelectField label="For" options={ACCESS_SPANS} {...register("seconds")} />
      <TextArea
        label="Reason"
        hint="Whoever decides reads it; it is kept in the audit trail."
        rows={2}
        maxLength={500}
        error={formState.errors.reason?.message}
        {...register("reason", { validate: (value) => value.trim() !== "" || "Give a reason." })}
      />
    </FormDialog>
  );
}
