// My login history: when, from where, with what result.
import { useInfiniteQuery } from "@tanstack/react-query";
import { api, ask } from "../../api/client";
import type { Login } from "../../api/types";
import { Button } from "../../ui/button";
import { deviceWords, methodWords } from "../../ui/device";
import { Row, Section } from "../../ui/section";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Mark, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";

const PAGE = 10;
const RESULT: Record<Login["result"], string> = {
  ok: "Logged in",
  wrong_password: "Wrong password",
  wrong_factor: "Wrong second factor",
  disabled: "Refused: the account was disabled",
};

export function Logins() {
  const answer = useInfiniteQuery({
    queryKey: ["logins"],
    queryFn: ({ pageParam }) =>
      ask(api.GET("/api/v1/me/logins", { params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="Login history" about="Something you do not know? Change your password and end all other sessions.">
      {answer.isPending && <SkeletonRows rows={3} />}
      {answer.isError && items.length === 0 && (
        <Failed error={answer.error} what="Your logins could not be read" onRetry={() => void answer.refetch()} />
      )}
      {answer.isSuccess && items.length === 0 && <Empty title="No logins on record" />}
      {items.length > 0 && (
        <ul aria-label="Your logins">
          {items.map((login) => (
            <Item key={login.id} login={login} />
          ))}
        </ul>
      )}
      {answer.hasNextPage && (
        <div className="flex justify-center border-line2 border-t py-2">
          <Button size="sm" look="ghost" busy={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </Section>
  );
}

function Item({ login }: { login: Login }) {
  const well = login.result === "ok";
  return (
    <Row
      icon={
        <span className={TONE_TEXT[well ? "ok" : "bad"]}>
          <Mark tone={well ? "ok" : "bad"} />
        </span>
      }
      title={
        <>
          {RESULT[login.result]}
          {login.method && <span className="font-normal text-ink2">by {methodWords(login.method)}</span>}
        </>
      }
      sub={`${deviceWords(login.device)}, from ${login.address}`}
    >
      <Ago at={login.at} className="text-ink3 text-xs" />
    </Row>
  );
}
