// My open sessions: where I am logged in, ended one by one or all but this.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { Button } from "../../ui/button";
import { deviceWords } from "../../ui/device";
import { Listing } from "../../ui/listing";
import { FailureNotice } from "../../ui/not-allowed";
import { Section } from "../../ui/section";
import { SessionRow } from "../../ui/session-row";
import { Empty } from "../../ui/states";

export function Sessions() {
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: () => ask(api.GET("/api/v1/me/sessions")) });
  const end = useMutation({
    mutationFn: (id: string | null) =>
      id === null ? ask(api.DELETE("/api/v1/me/sessions")) : ask(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
  const mayEnd = useWhyNot("me_session_end");
  const mayEndAll = useWhyNot("me_sessions_end");
  const others = (sessions.data?.items.length ?? 0) > 1;
  return (
    <Section
      title="Sessions"
      about="Where you are logged in."
      action={
        others && (
          <Button look="danger" reason={mayEndAll} busy={end.isPending && end.variables === null} onClick={() => end.mutate(null)}>
            End all others
          </Button>
        )
      }
    >
      <FailureNotice error={end.error} className="mx-4 mt-3" />
      <Listing
        answer={sessions}
        denial={{ action: "me_sessions" }}
        what="Your sessions"
        rows={2}
        empty={(data) => (data.items.length === 0 ? <Empty title="No sessions" /> : null)}
      >
        {(data) => (
          <ul aria-label="Your sessions">
            {data.items.map((session) => (
              <SessionRow key={session.id} session={session}>
                {!session.current && (
                  <Button
                    size="sm"
                    reason={mayEnd}
                    busy={end.isPending && end.variables === session.id}
                    aria-label={`End the session of ${deviceWords(session.device)}`}
                    onClick={() => end.mutate(session.id)}
                  >
                    End
                  </Button>
                )}
              </SessionRow>
            ))}
          </ul>
        )}
      </Listing>
    </Section>
  );
}
