// My own tokens: a tab of the account.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { KeyRound, Plus } from "lucide-react";
import { api, ask } from "../../api/client";
import { useMe, useWhyNot } from "../../api/me";
import { Button } from "../../ui/button";
import { Listing } from "../../ui/listing";
import { Section } from "../../ui/section";
import { Empty } from "../../ui/states";
import { NewToken } from "./new-token";
import { TokenList } from "./token-list";

export function OwnTokens() {
  const me = useMe();
  const { new: making } = useSearch({ strict: false });
  const navigate = useNavigate();
  const denied = useWhyNot("token_list");
  const mayCreate = useWhyNot("token_create");
  const answer = useQuery({
    queryKey: ["tokens", "own"],
    queryFn: () => ask(api.GET("/api/v1/tokens")),
    enabled: !denied,
  });
  const open = (wish: boolean) => void navigate({ to: ".", search: (all) => ({ ...all, new: wish ? "1" : undefined }), replace: true });
  const create = (
    <Button look="primary" reason={mayCreate} icon={<Plus size={15} aria-hidden />} onClick={() => open(true)}>
      New token
    </Button>
  );
  return (
    <Section title="Your tokens" about="For scripts and the command line. Each acts as you, within its scopes." action={create}>
      <Listing
        answer={answer}
        denied={denied}
        what="Your tokens"
        empty={(data) =>
          data.items.length === 0 ? (
            <Empty icon={<KeyRound size={18} aria-hidden />} title="No tokens yet">
              Make one for each script, {me?.username}, so that each can be revoked alone. On the command line:{" "}
              <code className="font-mono text-xs">mc tokens create</code>
            </Empty>
          ) : null
        }
      >
        {(data) => <TokenList tokens={data.items} />}
      </Listing>
      {making && <NewToken kind="personal" onClose={() => open(false)} />}
    </Section>
  );
}
