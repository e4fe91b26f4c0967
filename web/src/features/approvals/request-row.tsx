// A request: who asks for what, why and for how long; and what can be done about it by whoever looks.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useMe, whyNot } from "../../api/me";
import type { AccessRequest } from "../../api/types";
import { Avatar } from "../../ui/avatar";
import { Button } from "../../ui/button";
import { durationWords } from "../../ui/duration";
import { FailureNotice } from "../../ui/not-allowed";
import { Chip } from "../../ui/status";
import { Ago } from "../../ui/time";
import { DecideDialog } from "./decide-dialog";
import { holds, STATE, wishWords } from "./words";

export function RequestRow({ request }: { request: AccessRequest }) {
  const me = useMe();
  const queries = useQueryClient();
  const [deciding, setDeciding] = useState<"approve" | "deny" | null>(null);
  const asker = request.requester.username;
  const own = request.requester.id === me?.id;
  const params = { path: { id: request.id } };
  const end = useMutation({
    mutationFn: () =>
      request.state === "pending"
        ? ask(api.POST("/api/v1/access-requests/{id}/cancel", { params }))
        : ask(api.POST("/api/v1/access-requests/{id}/end", { params })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["access-requests"] }),
  });
  const { tone, word } = STATE[request.state];
  const decide = request.state === "pending" && request.may_decide;
  const on = { kind: "access_request", id: request.id, name: `the request of ${asker}` };
  const why = (action: string) => whyNot(me, action, on);
  const mayEnd = holds(request) && (own || request.may_decide);
  return (
    <li className="border-line2 border-b px-4 py-3 last:border-0">
      <div className="flex flex-wrap items-start gap-x-3.5 gap-y-2">
        <Avatar name={asker} />
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
            <span>
              <b className="font-semibold">{own ? "You" : asker}</b> <span className="text-ink2">{own ? "ask for" : "asks for"}</span>{" "}
              <b className="font-semibold">{wishWords(request)}</b>
            </span>
            <Chip tone={tone}>{word}</Chip>
          </div>
          <p className="mt-0.5 break-words">“{request.reason}”</p>
          <div className="mt-0.5 text-ink3 text-xs">
            for {durationWords(request.duration_seconds)}, asked <Ago at={request.created_at} />
            <Fate request={request} />
          </div>
        </div>
        <div className="flex flex-wrap gap-2">
          {decide && (
            <>
              <Button
                look="primary"
                size="sm"
                reason={why("access_request_approve")}
                icon={<Check size={14} aria-hidden />}
                aria-label={`Approve the request of ${asker}`}
                onClick={() => setDeciding("approve")}
              >
                Approve…
              </Button>
              <Button
                size="sm"
                look="danger"
                reason={why("access_request_deny")}
                icon={<X size={14} aria-hidden />}
                aria-label={`Deny the request of ${asker}`}
                onClick={() => setDeciding("deny")}
              >
                Deny…
              </Button>
            </>
          )}
          {own && request.state === "pending" && (
            <Button size="sm" reason={why("access_request_cancel")} busy={end.isPending} onClick={() => end.mutate()}>
              Take it back
            </Button>
          )}
          {mayEnd && (
            <Button size="sm" reason={why("access_request_end")} busy={end.isPending} onClick={() => end.mutate()}>
              End it now
            </Button>
          )}
        </div>
      </div>
      <FailureNotice
        error={end.error}
        denial={{ action: request.state === "pending" ? "access_request_cancel" : "access_request_end", on }}
        className="mt-2"
      />
      {deciding && <DecideDialog request={request} verdict={deciding} onClose={() => setDeciding(null)} />}
    </li>
  );
}

function Fate({ request }: { request: AccessRequest }) {
  return (
    <>
      {request.decided_by && request.decided_at && (
        <>
          , {request.state === "denied" ? "denied" : "granted"} by {request.decided_by} <Ago at={request.decided_at} />
          {request.decision_reason && `: “${request.decision_reason}”`}
        </>
      )}
      {holds(request) && request.expires_at && (
        <span className="text-ok">
          , ends <Ago at={request.expires_at} />
        </span>
      )}
    </>
  );
}
