// One role: its rules with the Cedar text beside them, who has it, and its end. Built-in ones are read and copied, never changed.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ChevronLeft, Copy, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import { ApiError } from "../../api/problem";
import type { RoleInfo } from "../../api/types";
import { Assignments } from "../../ui/assignments";
import { Button, buttonClass } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { plural } from "../../ui/format";
import { NotAllowed } from "../../ui/not-allowed";
import { PageHead, ScrollPage, useTitle } from "../../ui/page";
import { Empty, Failed, SkeletonRows } from "../../ui/states";
import { draftOf } from "./draft";
import { RoleEditor } from "./role-editor";

export function RolePage() {
  const { name = "" } = useParams({ strict: false });
  useTitle(name);
  const denied = useWhyNot("role_show");
  const answer = useQuery({
    queryKey: ["roles", name],
    queryFn: () => ask(api.GET("/api/v1/admin/roles/{name}", { params: { path: { name } } })),
    enabled: !denied,
  });
  if (denied) return <NotAllowed reason={denied} />;
  const gone = answer.error instanceof ApiError && answer.error.status === 404;
  return (
    <ScrollPage>
      <Link to="/roles" className="mb-3 inline-flex items-center gap-1 text-ink2 hover:text-ink">
        <ChevronLeft size={14} aria-hidden /> Roles
      </Link>
      {answer.isPending && <SkeletonRows rows={6} className="h-12" />}
      {gone && (
        <Empty
          title={`There is no role ${name}`}
          action={
            <Link to="/roles" className={buttonClass()}>
              To the roles
            </Link>
          }
        />
      )}
      {answer.isError && !gone && <Failed error={answer.error} what="The role could not be read" onRetry={() => void answer.refetch()} />}
      {answer.data && <Body role={answer.data} />}
    </ScrollPage>
  );
}

function Body({ role }: { role: RoleInfo }) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const on = { kind: "role", id: role.name, name: role.name };
  const mayDelete = useWhyNot("role_delete", on);
  const mayCreate = useWhyNot("role_create");
  const [deleting, setDeleting] = useState(false);
  const held = role.users + role.assignments;
  return (
    <>
      <PageHead title={role.title || role.name} sub={role.built_in ? "built in, never changes" : role.name}>
        <Button
          reason={mayCreate}
          icon={<Copy size={14} aria-hidden />}
          onClick={() => void navigate({ to: "/roles", search: { new: "1", role: role.name } })}
        >
          Copy to a new role
        </Button>
        {!role.built_in && (
          <Button look="danger" reason={mayDelete} icon={<Trash2 size={14} aria-hidden />} onClick={() => setDeleting(true)}>
            Delete…
          </Button>
        )}
      </PageHead>
      <div className="mt-4 flex flex-col gap-4">
        {/* A change of somebody else begins the form anew. */}
        <RoleEditor key={`${role.name} ${role.version}`} start={draftOf(role)} role={role} />
        <Assignments
          role={role.name}
          title="Given to"
          about={role.users > 0 ? `Beside ${plural(role.users, "user")} whose own role it is.` : undefined}
        />
      </div>
      {deleting && (
        <Confirm
          title={`Delete ${role.title || role.name}?`}
          verb="Delete"
          type={role.name}
          denial={{ action: "role_delete", on }}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/admin/roles/{name}", { params: { path: { name: role.name } } }));
            await navigate({ to: "/roles", search: {} });
            await queries.invalidateQueries({ queryKey: ["roles"], exact: true });
          }}
          onClose={() => setDeleting(false)}
        >
          {held > 0
            ? `${plural(role.users, "user")} and ${plural(role.assignments, "assignment")} have it now; what only it allowed is refused from then on.`
            : "Nobody has it."}{" "}
          <Link to="/roles" search={{ tab: "past", role: role.name }} className="text-accent hover:underline">
            See what would have been refused
          </Link>
        </Confirm>
      )}
    </>
  );
}
