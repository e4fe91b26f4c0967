// Users: who may log in, and as what. Searched and filtered in the URL; each opens to its own page.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ShieldCheck, UserPlus } from "lucide-react";
import { api, ask } from "../../api/client";
import { useMe, useWhyNot } from "../../api/me";
import { useRoleOptions } from "../../api/roles";
import type { User } from "../../api/types";
import type { Search } from "../../api/url";
import { Avatar } from "../../ui/avatar";
import { Button } from "../../ui/button";
import { Facet } from "../../ui/facet";
import { plural } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { Card, PageHead, ScrollPage, useTitle } from "../../ui/page";
import { SearchBox } from "../../ui/search-box";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { Chip } from "../../ui/status";
import { Ago } from "../../ui/time";
import { AddUser } from "./add-user";
import { UserMenu } from "./user-menu";
import { called, STATUSES, userWords } from "./words";

const PAGE = 50;

export function UsersPage() {
  useTitle("Users");
  const denied = useWhyNot("user_list");
  return denied ? <NotAllowed reason={denied} /> : <Users />;
}

function useUsers(search: Search) {
  const { q, status, role } = search;
  return useInfiniteQuery({
    queryKey: ["users", q ?? "", status ?? "", role ?? ""],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET("/api/v1/admin/users", {
          params: {
            query: {
              limit: PAGE,
              ...(q ? { q } : {}),
              ...(status ? { status: status as "active" } : {}),
              ...(role ? { role } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });
}

function Users() {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const roles = useRoleOptions();
  const mayCreate = useWhyNot("user_create");
  const answer = useUsers(search);
  const change = (part: Partial<Search>) => void navigate({ to: ".", search: (all: Search) => ({ ...all, ...part }), replace: true });
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  const total = answer.data?.pages[0]?.total;
  const narrowed = Boolean(search.q || search.status || search.role);
  return (
    <ScrollPage>
      <PageHead title="Users" sub={total === undefined ? undefined : plural(total, "user")}>
        <Button look="primary" reason={mayCreate} icon={<UserPlus size={15} aria-hidden />} onClick={() => change({ new: "1" })}>
          Add a user
        </Button>
      </PageHead>
      <div className="mt-3.5 mb-3 flex flex-wrap items-center gap-2">
        <SearchBox
          value={search.q ?? ""}
          onChange={(q) => change({ q: q || undefined })}
          label="Search users"
          placeholder="Name or e-mail address"
          className="w-56 shrink-0 max-md:w-full"
          waitMs={250}
        />
        <Facet
          label="Status"
          single
          options={STATUSES}
          chosen={search.status ? [search.status] : []}
          onChange={([status]) => change({ status })}
        />
        <Facet
          label="Role"
          single
          options={roles.map(([value, text]) => ({ value, text }))}
          chosen={search.role ? [search.role] : []}
          onChange={([role]) => change({ role })}
        />
      </div>
      <Card>
        {answer.isPending && <SkeletonRows rows={6} className="h-14" />}
        {answer.isError && items.length === 0 && (
          <Failed error={answer.error} what="The users could not be read" onRetry={() => void answer.refetch()} />
        )}
        {answer.isSuccess && items.length === 0 && (
          <Empty
            title={narrowed ? "No user matches" : "No users yet"}
            action={
              narrowed && <Button onClick={() => change({ q: undefined, status: undefined, role: undefined })}>Clear the filters</Button>
            }
          >
            {narrowed ? "Try fewer letters or filters." : "Add somebody, or send an invite."}
          </Empty>
        )}
        {items.length > 0 && (
          <ul aria-label="Users">
            {items.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </ul>
        )}
      </Card>
      {answer.hasNextPage && (
        <div className="mt-3 flex justify-center">
          <Button busy={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
      {search.new && <AddUser onClose={() => change({ new: undefined })} />}
    </ScrollPage>
  );
}

function UserRow({ user }: { user: User }) {
  const own = useMe()?.id === user.id;
  const { tone, word } = userWords(user);
  return (
    <li className="user-grid relative min-h-14 border-line2 border-b px-3.5 py-2 last:border-0 hover:bg-hover">
      <div className="flex min-w-0 items-center gap-3">
        <Avatar name={called(user)} />
        <div className="min-w-0">
          <div className="flex items-center gap-2">
            <Link
              to="/users/$id"
              params={{ id: user.username }}
              className="truncate font-semibold after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-[-2px]"
            >
              {called(user)}
            </Link>
            {own && <span className="text-ink3 text-xs">you</span>}
          </div>
          <div className="truncate text-ink3 text-xs">{[user.display_name && user.username, user.email].filter(Boolean).join(", ")}</div>
        </div>
      </div>
      <div className="col-role truncate text-ink2">{user.role}</div>
      <div className="col-factor text-ink3 text-xs">
        {user.second_factor && (
          <span className="inline-flex items-center gap-1 text-ok">
            <ShieldCheck size={13} aria-hidden /> 2nd factor
          </span>
        )}
        {user.providers.length > 0 && <div className="truncate">{user.providers.join(", ")}</div>}
      </div>
      <div className="col-seen text-ink3 text-xs">
        {user.last_active_at ? (
          <>
            active <Ago at={user.last_active_at} />
          </>
        ) : (
          "never logged in"
        )}
      </div>
      <Chip tone={tone} className="justify-self-end">
        {word}
      </Chip>
      <div className="relative">
        <UserMenu user={user} />
      </div>
    </li>
  );
}
