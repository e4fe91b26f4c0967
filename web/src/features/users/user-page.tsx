// One user: who they are, what they may do, where they are logged in.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { ApiError } from "../../api/problem";
import type { User } from "../../api/types";
import { Assignments } from "../../ui/assignments";
import { Avatar } from "../../ui/avatar";
import { Button, buttonClass } from "../../ui/button";
import { Facts } from "../../ui/facts";
import { Listing } from "../../ui/listing";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, ScrollPage, useTitle } from "../../ui/page";
import { Section } from "../../ui/section";
import { SessionRow } from "../../ui/session-row";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Chip } from "../../ui/status";
import { Ago, exact } from "../../ui/time";
import { UserMenu } from "./user-menu";
import { called, isLocked, userWords } from "./words";

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** A user by id, or by the name that addresses of this page use because people can read it. */
async function findUser(id: string): Promise<User> {
  if (UUID.test(id)) return ask(api.GET("/api/v1/admin/users/{id}", { params: { path: { id } } }));
  const { items } = await ask(api.GET("/api/v1/admin/users", { params: { query: { q: id, limit: 200 } } }));
  const found = items.find((user) => user.username === id);
  if (!found) throw new ApiError({ status: 404, code: "not_found", detail: `There is no user ${id}.` });
  return found;
}

export function UserPage() {
  const { id = "" } = useParams({ strict: false });
  useTitle(id);
  const denied = useWhyNot("user_show");
  const answer = useQuery({
    queryKey: ["user", id],
    queryFn: () => findUser(id),
    enabled: !denied,
  });
  if (denied) return <NotAllowed reason={denied} />;
  return (
    <ScrollPage slim>
      <Link to="/users" className="mb-3 inline-flex items-center gap-1 text-ink2 hover:text-ink">
        <ChevronLeft size={14} aria-hidden /> Users
      </Link>
      {answer.isPending && (
        <Card>
          <SkeletonRows rows={4} className="h-12" />
        </Card>
      )}
      {answer.isError && answer.error instanceof ApiError && answer.error.status === 404 && (
        <Empty
          title={`There is no user ${id}`}
          action={
            <Link to="/users" className={buttonClass()}>
              To the users
            </Link>
          }
        >
          The account may have been deleted. What it did is in the audit trail.
        </Empty>
      )}
      {answer.isError && !(answer.error instanceof ApiError && answer.error.status === 404) && (
        <Failed error={answer.error} what="The user could not be read" onRetry={() => void answer.refetch()} />
      )}
      {answer.data && <Body user={answer.data} />}
    </ScrollPage>
  );
}

function Body({ user }: { user: User }) {
  const navigate = useNavigate();
  const maySee = useWhyNot("audit_list");
  const mayAsk = useWhyNot("simulate_what");
  return (
    <div className="flex flex-col gap-4">
      <Head user={user} onDeleted={() => void navigate({ to: "/users", search: {} })} />
      <Assignments
        subject={{ kind: "user", id: user.id, name: user.username }}
        about={
          <>
            Beside <b className="font-semibold text-ink">{user.role}</b>, the role they always have.
          </>
        }
      />
      <Sessions user={user} />
      <div className="flex flex-wrap gap-2">
        {maySee ? (
          <Button reason={maySee}>What they did</Button>
        ) : (
          <Link to="/audit" search={{ actor: user.username }} className={buttonClass()}>
            What they did
          </Link>
        )}
        {mayAsk ? (
          <Button reason={mayAsk}>What they could do</Button>
        ) : (
          <Link to="/roles" search={{ tab: "what", user: user.username }} className={buttonClass()}>
            What they could do
          </Link>
        )}
      </div>
    </div>
  );
}

function Head({ user, onDeleted }: { user: User; onDeleted: () => void }) {
  const { tone, word } = userWords(user);
  return (
    <Card>
      <header className="flex items-center gap-3.5 p-4">
        <Avatar name={called(user)} size="lg" />
        <div className="min-w-0 flex-1">
          <h1 className="truncate font-semibold text-xl tracking-tight">{called(user)}</h1>
          <div className="text-ink3">
            {user.display_name ? `${user.username}, ` : ""}
            {user.role}
          </div>
        </div>
        <Chip tone={tone}>{word}</Chip>
        <UserMenu user={user} onDeleted={onDeleted} />
      </header>
      <div className="border-line2 border-t p-4">
        <Facts
          list={[
            [
              "E-mail",
              user.email && (
                <span key="mail" className="inline-flex flex-wrap items-center gap-2">
                  {user.email} <Chip tone={user.email_verified ? "ok" : "warn"}>{user.email_verified ? "Verified" : "Not verified"}</Chip>
                </span>
              ),
            ],
            ["Second factor", user.second_factor ? "set up" : "none"],
            ["Logs in with", ["a password", ...user.providers].join(", ")],
            [
              "Locked until",
              isLocked(user) && user.locked_until && (
                <span key="locked" className="text-bad">
                  {exact(user.locked_until)}
                </span>
              ),
            ],
            ["Last active", user.last_active_at ? <Ago key="active" at={user.last_active_at} /> : "never"],
            ["Last login", user.last_login_at && <Ago key="login" at={user.last_login_at} />],
            ["Joined", <Ago key="joined" at={user.created_at} />],
          ]}
        />
      </div>
    </Card>
  );
}

function Sessions({ user }: { user: User }) {
  const on = { kind: "user", id: user.id, name: user.username };
  const denied = useWhyNot("user_sessions", on);
  const answer = useQuery({
    queryKey: ["user-sessions", user.id],
    queryFn: () => ask(api.GET("/api/v1/admin/users/{id}/sessions", { params: { path: { id: user.id } } })),
    enabled: !denied,
  });
  return (
    <Section title="Sessions" about="Where they are logged in now.">
      <Listing
        answer={answer}
        denied={denied}
        denial={{ action: "user_sessions", on }}
        what="The sessions"
        rows={2}
        empty={(data) => (data.items.length === 0 ? <Empty title="Not logged in anywhere" /> : null)}
      >
        {(data) => (
          <ul aria-label={`Sessions of ${user.username}`}>
            {data.items.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Listing>
    </Section>
  );
}
