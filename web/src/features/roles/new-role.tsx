// A new role, empty or in the likeness of another.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useWhyNot } from "../../api/me";
import { rolesQuery } from "../../api/queries";
import { NotAllowed } from "../../ui/not-allowed";
import { PageHead, ScrollPage, useTitle } from "../../ui/page";
import { SkeletonRows } from "../../ui/states";
import { draftLike } from "./draft";
import { RoleEditor } from "./role-editor";

export function NewRole() {
  useTitle("New role");
  const denied = useWhyNot("role_create");
  const navigate = useNavigate();
  const { role: like } = useSearch({ strict: false });
  const roles = useQuery(rolesQuery);
  const model = roles.data?.items.find((each) => each.name === like);
  if (denied) return <NotAllowed reason={denied} />;
  return (
    <ScrollPage>
      <Link to="/roles" className="mb-3 inline-flex items-center gap-1 text-ink2 hover:text-ink">
        <ChevronLeft size={14} aria-hidden /> Roles
      </Link>
      <PageHead title="New role" sub={model ? `like ${model.title || model.name}` : undefined} />
      <div className="mt-4">
        {like && roles.isPending ? (
          <SkeletonRows rows={5} />
        ) : (
          <RoleEditor
            key={model?.name ?? ""}
            start={draftLike(model)}
            fresh
            onSaved={(role) => void navigate({ to: "/roles/$name", params: { name: role.name }, search: {} })}
          />
        )}
      </div>
    </ScrollPage>
  );
}
