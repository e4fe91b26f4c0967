// Tokens as rows: whose, what they may do, how long, and their use. Each can be rotated and revoked.
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound, RotateCw } from "lucide-react";
import { useState } from "react";
import { api, ask } from "../../api/client";
import { useWhyNot } from "../../api/me";
import type { Token } from "../../api/types";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/confirm";
import { count } from "../../ui/format";
import { Tag } from "../../ui/page";
import { Row } from "../../ui/section";
import { Chip, type Words } from "../../ui/status";
import { Ago } from "../../ui/time";
import { RotateToken } from "./rotate-token";
import { TokenUses } from "./token-uses";

const STATE: Record<Token["state"], Words> = {
  active: { tone: "ok", word: "Active" },
  expired: { tone: "idle", word: "Expired" },
  revoked: { tone: "idle", word: "Revoked" },
};
const SCOPES_SHOWN = 4;

export function TokenList({ tokens, owners = false }: { tokens: readonly Token[]; owners?: boolean }) {
  return (
    <ul aria-label="Tokens">
      {tokens.map((token) => (
        <Item key={token.id} token={token} owners={owners} />
      ))}
    </ul>
  );
}

function Life({ token }: { token: Token }) {
  if (token.revoked_at) {
    return (
      <>
        revoked <Ago at={token.revoked_at} />
      </>
    );
  }
  if (!token.expires_at) return <>does not end</>;
  return (
    <>
      {token.state === "expired" ? "ended " : "ends "}
      <Ago at={token.expires_at} />
    </>
  );
}

function Item({ token, owners }: { token: Token; owners: boolean }) {
  const queries = useQueryClient();
  const on = { kind: "token", id: token.id, name: token.name };
  const mayShow = useWhyNot("token_show", on);
  const mayRotate = useWhyNot("token_rotate", on);
  const mayRevoke = useWhyNot("token_revoke", on);
  const [doing, setDoing] = useState<"rotate" | "revoke" | "uses" | null>(null);
  const { tone, word } = STATE[token.state];
  const whose = token.kind === "service" ? "service token" : `of ${token.owner ?? "somebody"}`;
  const old = token.old_until && Date.parse(token.old_until) > Date.now() ? token.old_until : null;
  return (
    <Row
      icon={<KeyRound size={15} aria-hidden />}
      title={
        <>
          {token.name} {(owners || token.kind === "service") && <span className="font-normal text-ink2">{whose}</span>}
          <code className="font-mono font-normal text-ink3 text-xs">{token.prefix}…</code>
        </>
      }
      sub={
        <>
          <span className="flex flex-wrap items-center gap-1 py-0.5">
            {token.roles.map((role) => (
              <Tag key={role}>{role}</Tag>
            ))}
            {token.scopes.slice(0, SCOPES_SHOWN).map((scope) => (
              <Tag key={scope}>
                <span className="font-mono">{scope === "*" ? "everything" : scope}</span>
              </Tag>
            ))}
            {token.scopes.length > SCOPES_SHOWN && (
              <span title={token.scopes.join(", ")}>and {token.scopes.length - SCOPES_SHOWN} more</span>
            )}
          </span>
          <Life token={token} />
          {token.last_used_at ? (
            <>
              , used <Ago at={token.last_used_at} /> from {token.last_used_address ?? "somewhere"}
            </>
          ) : (
            ", never used"
          )}
          {old && (
            <span className="text-warn">
              , old secret ends <Ago at={old} />
            </span>
          )}
        </>
      }
    >
      <Chip tone={tone}>{word}</Chip>
      <Button size="sm" look="ghost" reason={mayShow} onClick={() => setDoing("uses")} aria-label={`Uses of ${token.name}`}>
        {count(token.uses)} {token.uses === 1 ? "use" : "uses"}
      </Button>
      {token.state === "active" && (
        <>
          <Button
            size="sm"
            reason={mayRotate}
            icon={<RotateCw size={13} aria-hidden />}
            aria-label={`Rotate ${token.name}`}
            onClick={() => setDoing("rotate")}
          >
            Rotate
          </Button>
          <Button size="sm" look="danger" reason={mayRevoke} aria-label={`Revoke ${token.name}`} onClick={() => setDoing("revoke")}>
            Revoke
          </Button>
        </>
      )}
      {doing === "rotate" && <RotateToken token={token} onClose={() => setDoing(null)} />}
      {doing === "uses" && <TokenUses token={token} onClose={() => setDoing(null)} />}
      {doing === "revoke" && (
        <Confirm
          title={`Revoke ${token.name}?`}
          verb="Revoke"
          denial={{ action: "token_revoke", on }}
          onGo={async () => {
            await ask(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id: token.id } } }));
            await queries.invalidateQueries({ queryKey: ["tokens"] });
          }}
          onClose={() => setDoing(null)}
        >
          Whatever uses it is refused from now on, everywhere. This cannot be taken back.
        </Confirm>
      )}
    </Row>
  );
}
