// Removes an agent for good: its credential is refused from then on.
import { useState } from "react";
import { api, ask } from "../../api/client";
import { errorText } from "../../api/problem";
import type { Agent } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { Notice } from "../../ui/states";

export function RemoveDialog({ agent, onClose, onRemoved }: { agent: Agent; onClose: () => void; onRemoved: () => void }) {
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const unnamed = typed === agent.name ? null : "Type the agent's name first.";
  const blocked = reason.trim() === "" ? "Give a reason first: it is kept in the audit trail." : unnamed;
  const remove = async () => {
    if (blocked) return;
    setBusy(true);
    setFailure(null);
    try {
      await ask(api.DELETE("/api/v1/agents/{id}", { params: { path: { id: agent.id }, query: { reason: reason.trim() } } }));
      onClose();
      onRemoved();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Remove ${agent.name}?`}
      description="It is disconnected and its credential is refused from now on. What it runs goes on running. To come back it must join anew."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="alarm" reason={blocked} busy={busy} onClick={() => void remove()}>
            Remove
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void remove();
        }}
      >
        {failure !== null && <Notice tone="bad">{errorText(failure)}</Notice>}
        <TextField label="Reason" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        <TextField
          label={`Type ${agent.name} to confirm`}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
