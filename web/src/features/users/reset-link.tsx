// A link with which a user sets a new password: made on a press, shown once, to be handed over.
import { useMutation } from "@tanstack/react-query";
import { api, ask } from "../../api/client";
import type { User } from "../../api/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { FailureNotice } from "../../ui/not-allowed";
import { Secret } from "../../ui/secret";
import { Ago } from "../../ui/time";

export function ResetLink({ user, onClose }: { user: User; onClose: () => void }) {
  const make = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/admin/users/{id}/reset-link", { params: { path: { id: user.id } } })),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`A reset link for ${user.username}`}
      description={make.data ? undefined : "Whoever opens it sets a new password. It works once; hand it over in a safe way."}
      footer={
        make.data ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" busy={make.isPending} onClick={() => make.mutate()}>
              Make the link
            </Button>
          </>
        )
      }
    >
      <FailureNotice error={make.error} denial={{ action: "user_reset_link", on: { kind: "user", id: user.id, name: user.username } }} />
      {make.data && (
        <>
          <Secret text={make.data.url} label="Reset link" note="It is shown only now." />
          <p className="mt-3 text-ink2">
            It works once and ends <Ago at={make.data.expires_at} />.
          </p>
        </>
      )}
    </Dialog>
  );
}
