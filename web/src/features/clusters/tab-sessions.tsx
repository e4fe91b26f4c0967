// What was done in shells of this cluster: every session is recorded, and can be looked at again.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Clapperboard } from "lucide-react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Cluster, Recording } from "../../api/types";
import type { Search } from "../../api/url";
import { Button, buttonClass } from "../../ui/button";
import { Facts } from "../../ui/facts";
import { bytes, plural, spanLong } from "../../ui/format";
import { Listing } from "../../ui/listing";
import { NotAllowed } from "../../ui/not-allowed";
import { Card } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, Notice, Skeleton } from "../../ui/states";
import { Chip } from "../../ui/status";
import { Ago } from "../../ui/time";
import { CastView } from "./cast-player";

const PAGE = 50;

function recordingsQuery(cluster: string, user: string) {
  return {
    queryKey: ["recordings", cluster, user],
    queryFn: ({ pageParam }: { pageParam: string }) =>
      ask(
        api.GET("/api/v1/recordings", {
          params: { query: { cluster, limit: PAGE, ...(user ? { user } : {}), ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page: { next_cursor?: string | null }) => page.next_cursor ?? undefined,
    // One that runs grows without an event.
    refetchInterval: 15_000,
  };
}

export function placeText(recording: Recording): string {
  return [recording.namespace, recording.pod, recording.container].filter(Boolean).join(" / ");
}

/** What was run; words with spaces in quotes, as one would write them. */
export function commandText(recording: Recording): string {
  if (recording.command.length === 0) return "attached to what ran";
  return recording.command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(" ");
}

const ENDINGS: Record<NonNullable<Recording["ending"]>, string> = {
  closed: "",
  unreadable: "what passed could no longer be read, so it was ended",
  not_stored: "it could no longer be recorded, so it was ended",
  stopped: "the server was stopped",
  unknown: "the server was gone before it could say",
};

function endText(recording: Recording): string | null {
  const why = recording.ending ? ENDINGS[recording.ending] : "";
  const code = typeof recording.exit_code === "number" ? `exit code ${recording.exit_code}` : "";
  return [code, why].filter(Boolean).join(", ") || null;
}

function howLong(recording: Recording): string {
  return recording.ended_at ? spanLong(Date.parse(recording.ended_at) - Date.parse(recording.started_at)) : "";
}

export function TabSessions({ cluster }: { cluster: Cluster }) {
  const denied = useWhyNot("recording_list");
  const search = useSearch({ strict: false }) as Search;
  if (denied) return <NotAllowed reason={denied} />;
  return search.recording ? <OneSession id={search.recording} /> : <SessionList cluster={cluster} user={search.user ?? ""} />;
}

function SessionList({ cluster, user }: { cluster: Cluster; user: string }) {
  const navigate = useNavigate();
  const answer = useInfiniteQuery(recordingsQuery(cluster.name, user));
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="mx-auto max-w-[980px]">
      <SearchBox
        value={user}
        onChange={(next) => void navigate({ to: ".", search: (all: Search) => ({ ...all, user: next || undefined }), replace: true })}
        label="Whose sessions"
        placeholder="User name"
        waitMs={400}
        className="mb-3 w-60 max-md:w-full"
      />
      <Card>
        <Listing
          answer={answer}
          what="The sessions"
          denial={{ action: "recording_list" }}
          empty={() =>
            items.length > 0 ? null : user ? (
              <Empty title={`No sessions of ${user}`}>In this cluster nobody of that name has opened a shell.</Empty>
            ) : (
              <Empty icon={<Clapperboard size={18} aria-hidden />} title="Nothing recorded yet">
                Open a terminal in a container, or run <code className="font-mono text-xs">kubectl exec</code>: what was typed and shown can
                be played here.
              </Empty>
            )
          }
        >
          {() => (
            <ul aria-label="Recorded sessions">
              {items.map((recording) => (
                <SessionRow key={recording.id} recording={recording} />
              ))}
            </ul>
          )}
        </Listing>
      </Card>
      {answer.hasNextPage && (
        <Button className="mt-3" busy={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
          Older sessions
        </Button>
      )}
    </div>
  );
}

function SessionRow({ recording }: { recording: Recording }) {
  return (
    <li className="relative flex min-h-14 flex-wrap items-center gap-x-4 gap-y-1 border-line2 border-b px-4 py-2.5 last:border-0 hover:bg-hover">
      <div className="min-w-0 flex-1 basis-56">
        <Link
          to="."
          search={(all: Search) => ({ ...all, recording: recording.id })}
          className="font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2"
        >
          {recording.user}
        </Link>{" "}
        <span className="text-ink2">in {placeText(recording)}</span>
        <div className="truncate font-mono text-ink3 text-xs" title={commandText(recording)}>
          {commandText(recording)}
        </div>
      </div>
      {recording.ended_at ? <span className="text-ink2">{howLong(recording)}</span> : <Chip tone="busy">Running</Chip>}
      <span className="w-16 text-right text-ink3">{bytes(recording.bytes)}</span>
      <Ago at={recording.started_at} className="w-24 text-right text-ink3" />
    </li>
  );
}

function OneSession({ id }: { id: string }) {
  const query = {
    queryKey: ["recording", id],
    queryFn: () => ask(api.GET("/api/v1/recordings/{id}", { params: { path: { id } } })),
  };
  const { data, error, refetch } = useQuery(query);
  return (
    <div className="mx-auto flex max-w-[1100px] flex-col gap-3">
      <div>
        <Link to="." search={(all: Search) => ({ ...all, recording: undefined })} className={`${buttonClass("ghost", "sm")} -ml-2.5`}>
          <ArrowLeft size={14} aria-hidden />
          All sessions
        </Link>
      </div>
      {error && <Failed error={error} what="The session could not be read" onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton className="h-72" />}
      {data && (
        <>
          <div>
            <h2 className="font-semibold text-lg">
              {data.user} in {placeText(data)}
            </h2>
            <Facts
              className="mt-1"
              list={[
                [
                  "Command",
                  <code key="command" className="font-mono text-xs [overflow-wrap:anywhere]">
                    {commandText(data)}
                  </code>,
                ],
                ["Began", <Ago key="began" at={data.started_at} />],
                ["Took", data.ended_at ? howLong(data) : "it is still running"],
                ["Ended", endText(data)],
                [
                  "Audit",
                  <Link key="audit" to="/audit" search={{ q: data.request_id }} className="text-accent hover:underline">
                    its entries
                  </Link>,
                ],
              ]}
            />
          </div>
          {data.truncated && <Notice tone="warn">Only the first {plural(Math.round(data.bytes / 1024), "KB", "KB")} were kept.</Notice>}
          <CastView id={id} label={`Session of ${data.user} in ${placeText(data)}`} />
        </>
      )}
    </div>
  );
}
