// Roles given beside somebody's own, for a while or without end: those of one subject, or those of one role.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Users as GroupIcon, KeyRound, Plus, Trash2, UserRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import { api, ask } from "../api/client";
import { useWhyNot } from "../api/me";
import type { Assignment } from "../api/types";
import { AssignDialog, type Subject } from "./assign-dialog";
import { Button } from "./button";
import { Confirm } from "./confirm";
import { Listing } from "./listing";
import { Row, Section } from "./section";
import { Empty } from "./states";
import { Ago } from "./time";

interface Props {
  /** Only what this one was given. */
  subject?: Subject;
  /** Only who has this role. */
  role?: string;
  title?: string;
  about?: ReactNode;
  /** Names the role first, where several roles are listed. */
  byRole?: boolean;
}

const SUBJECT_ICON: Record<Assignment["subject"]["kind"], ReactNode> = {
  user: <UserRound size={16} aria-hidden />,
  token: <KeyRound size={16} aria-hidden />,
  group: <GroupIcon size={16} aria-hidden />,
};

export function Assignments({ subject, role, title = "Further roles", about, byRole = Boolean(subject) }: Props) {
  const denied = useWhyNot("assignment_list");
  const mayGive = useWhyNot("assignment_create");
  const [giving, setGiving] = useState(false);
  const query = { ...(role ? { role } : {}), ...(subject ? { subject: subject.id } : {}) };
  const answer = useQuery({
    queryKey: ["assignments", query],
    queryFn: () => ask(api.GET("/api/v1/admin/role-assignments", { params: { query } })),
    enabled: !denied,
  });
  return (
    <Section
      title={title}
      about={about}
      action={
        <Button icon={<Plus size={15} aria-hidden />} reason={mayGive} onClick={() => setGiving(true)}>
          Give a role…
        </Button>
      }
    >
      <Listing
        answer={answer}
        denied={denied}
        what="The assignments"
        rows={2}
        empty={(data) => (data.items.length === 0 ? <Empty title={subject ? "No further roles" : "Given to nobody"} /> : null)}
      >
        {(data) => (
          <ul aria-label="Assignments">
            {data.items.map((item) => (
              <Item key={item.id} item={item} byRole={byRole} whom={!subject} />
            ))}
          </ul>
        )}
      </Listing>
      {giving && <AssignDialog {...(subject ? { subject } : {})} {...(role ? { role } : {})} onClose={() => setGiving(false)} />}
    </Section>
  );
}

function Item({ item, byRole, whom: showWhom }: { item: Assignment; byRole: boolean; whom: boolean }) {
  const queries = useQueryClient();
  const mayTake = useWhyNot("assignment_remove", { kind: "role", id: item.role, name: item.role });
  const [asking, setAsking] = useState(false);
  const whom = `${item.subject.kind === "user" ? "" : `${item.subject.kind} `}${item.subject.name}`;
  return (
    <Row
      icon={showWhom ? SUBJECT_ICON[item.subject.kind] : undefined}
      title={
        <>
          {showWhom && item.subject.name} {byRole && <span className={showWhom ? "font-normal text-ink2" : ""}>{item.role}</span>}
        </>
      }
      sub={
        <>
          by {item.created_by} <Ago at={item.created_at} />
          {item.reason && `: “${item.reason}”`}
        </>
      }
    >
      <span className={item.expires_at ? "text-ink2" : "text-ink3"}>
        {item.expires_at ? (
          <>
            ends <Ago at={item.expires_at} />
          </>
        ) : (
          "no end"
        )}
      </span>
      <Button
        look="ghost"
        reason={mayTake}
        aria-label={`Take ${item.role} from ${item.subject.name}`}
        icon={<Trash2 size={14} aria-hidden />}
        onClick={() => setAsking(true)}
      />
      {asking && (
        <Confirm
          title={`Take ${item.role} from ${whom}?`}
          verb="Take it away"
          denial={{ action: "assignment_remove", on: { kind: "role", id: item.role, name: item.role } }}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/admin/role-assignments/{id}", { params: { path: { id: item.id } } }));
            await Promise.all(["assignments", "roles"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
          }}
          onClose={() => setAsking(false)}
        >
          It counts from the next request on.
        </Confirm>
      )}
    </Row>
  );
}
