// Joining an agent: choose, paste the command on the machine, and see it arrive.
import { useState } from "react";
import { useForm } from "react-hook-form";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { errorText } from "../../api/problem";
import type { AgentKind, JoinTokenCreated } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { CheckField, SelectField, TextField } from "../../ui/field";
import { tagsFault, tagsOf } from "../../ui/names";
import { Notice } from "../../ui/states";
import { JoinWait } from "./join-wait";

const KINDS = [
  ["", "Any kind"],
  ["host", "A machine only: CPU, memory, disk, network"],
  ["command", "A command that the agent runs and supervises"],
  ["systemd", "A systemd unit"],
  ["openclaw", "An OpenClaw gateway"],
] as const;
const TTLS = [
  ["900", "15 minutes"],
  ["3600", "1 hour"],
  ["86400", "1 day"],
  ["604800", "7 days"],
] as const;

interface Form {
  kind: "" | AgentKind;
  ttl: string;
  uses: string;
  tags: string;
  apiKey: boolean;
}

export interface Wanted {
  token: JoinTokenCreated;
  tags: string[];
  kind: AgentKind | null;
  uses: number;
}

export function JoinDialog({ onClose }: { onClose: () => void }) {
  const [wanted, setWanted] = useState<Wanted | null>(null);
  return wanted ? (
    <JoinWait wanted={wanted} onClose={onClose} onAgain={() => setWanted(null)} />
  ) : (
    <Choose onClose={onClose} onMade={setWanted} />
  );
}

function Choose({ onClose, onMade }: { onClose: () => void; onMade: (wanted: Wanted) => void }) {
  const denied = useWhyNot("join_token_create");
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, formState } = useForm<Form>({
    defaultValues: { kind: "", ttl: "3600", uses: "1", tags: "", apiKey: false },
  });
  const submit = handleSubmit(async ({ kind, ttl, uses, tags, apiKey }) => {
    setFailure(null);
    try {
      const body = { ttl_seconds: Number(ttl), uses: Number(uses), tags: tagsOf(tags), allow_api_key: apiKey, ...(kind ? { kind } : {}) };
      const token = await ask(api.POST("/api/v1/join-tokens", { body }));
      onMade({ token, tags: body.tags, kind: kind || null, uses: body.uses });
    } catch (error) {
      setFailure(error);
    }
  });
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title="Join an agent"
      description="You get one command to paste on the machine. The agent dials out to here; no port is opened there."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" reason={denied} busy={formState.isSubmitting} onClick={() => void submit()}>
            Make the command
          </Button>
        </>
      }
    >
      <form onSubmit={submit} className="grid gap-4 sm:grid-cols-2">
        {failure !== null && (
          <Notice tone="bad" className="sm:col-span-2">
            {errorText(failure)}
          </Notice>
        )}
        <div className="sm:col-span-2">
          <SelectField label="What it looks after" options={KINDS} {...register("kind")} />
        </div>
        <SelectField label="Valid for" options={TTLS} {...register("ttl")} />
        <TextField
          label="How many agents"
          inputMode="numeric"
          error={formState.errors.uses?.message}
          {...register("uses", {
            validate: (text) => (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 10_000) || "A number from 1 to 10000.",
          })}
        />
        <div className="sm:col-span-2">
          <TextField
            label="Tags they get"
            spellCheck={false}
            autoCapitalize="none"
            placeholder="prod team:payments"
            hint="Separated by spaces. They can be changed later."
            error={formState.errors.tags?.message}
            {...register("tags", { validate: (tags) => tagsFault(tags) ?? true })}
          />
        </div>
        <div className="sm:col-span-2">
          <CheckField label="Admit with an API key" hint="Only for machines that cannot hold a certificate." {...register("apiKey")} />
        </div>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
