// Cancels a command that is under way.
import { useState } from "react";
import { commandCancel } from "../api/commands";
import { useWhyNot } from "../api/me";
import { errorText } from "../api/problem";
import type { Command } from "../api/types";
import { Button } from "./button";

export function CancelButton({ command }: { command: Pick<Command, "id"> }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const denied = useWhyNot("command_cancel");
  const cancel = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await commandCancel(command.id);
    } catch (error) {
      setFailure(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {failure && <span className="text-bad">{failure}</span>}
      <Button size="sm" look="ghost" busy={busy} reason={denied} onClick={() => void cancel()}>
        Cancel
      </Button>
    </>
  );
}
