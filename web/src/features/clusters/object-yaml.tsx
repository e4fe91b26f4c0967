// An object's YAML, to read and to edit. An edit is tried by the server first (dry run); what it would change is shown; then it is applied.
// When somebody else changed the object meanwhile, the edit is tried again on top of theirs, and shown again.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Pencil } from "lucide-react";
import { useMemo, useState } from "react";
import { useChecks, wish } from "../../api/kube/check";
import { FIELD_MANAGER, KubeError, kubeJson, kubeSend } from "../../api/kube/door";
import { objectPath } from "../../api/kube/paths";
import type { Kind, KubeObject } from "../../api/kube/types";
import { Button } from "../../ui/button";
import { CodeWriter } from "../../ui/code-writer";
import { CopyButton } from "../../ui/copy";
import { FailureNotice } from "../../ui/not-allowed";
import { Notice } from "../../ui/states";
import { diff } from "./diff";
import { objectKey } from "./object-panel";
import { refOf } from "./resource-table";
import { DiffLines, YamlLines } from "./yaml-lines";
import { yamlOf, yamlParse } from "./yaml-text";

/** A field that is mistyped is refused rather than left out; API servers before 1.25 do not know that yet. */
const CHANGE = `fieldManager=${FIELD_MANAGER}&fieldValidation=Strict`;

interface Props {
  cluster: string;
  kind: Kind;
  object: KubeObject;
}

interface Draft {
  text: string;
  /** The object that the edit began from. */
  from: KubeObject;
}

/** What the server would make of an edit. */
interface Tried {
  now: KubeObject;
  wanted: KubeObject;
  made: KubeObject;
}

async function attempt(cluster: string, kind: Kind, draft: Draft): Promise<Tried> {
  const parsed = yamlParse(draft.text, draft.from);
  if (parsed.object === null) throw new Error(parsed.error);
  const path = objectPath(kind, refOf(draft.from));
  const now = await kubeJson<KubeObject>(cluster, path);
  // The edit goes on top of what is there now; the diff shows what that means, also where somebody else was faster.
  const wanted = { ...parsed.object, metadata: { ...parsed.object.metadata, resourceVersion: now.metadata.resourceVersion ?? "" } };
  const made = await kubeSend<KubeObject>(cluster, "PUT", `${path}?${CHANGE}&dryRun=All`, wanted);
  return { now, wanted, made };
}

/** Without what the server counts by itself at each change. */
function quiet(object: KubeObject): KubeObject {
  const { resourceVersion: _, generation: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}

export function ObjectYaml({ cluster, kind, object }: Props) {
  const ref = refOf(object);
  const [noUpdate] = useChecks(cluster, [wish("update", kind, ref)]);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [whole, setWhole] = useState(false);
  const text = useMemo(() => yamlOf(object, whole), [object, whole]);
  if (draft) return <Edit cluster={cluster} kind={kind} object={object} draft={draft} onDraft={setDraft} />;
  const unable = kind.verbs.includes("update") ? noUpdate : "Objects of this kind cannot be changed.";
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          size="sm"
          reason={unable}
          icon={<Pencil size={13} aria-hidden />}
          onClick={() => setDraft({ text: yamlOf(object), from: object })}
        >
          Edit
        </Button>
        <CopyButton text={text} size="sm" look="ghost" />
        {object.metadata.managedFields && (
          <label className="ml-auto flex items-center gap-2 text-ink2 text-xs">
            <input type="checkbox" className="check" checked={whole} onChange={(event) => setWhole(event.target.checked)} />
            Managed fields
          </label>
        )}
      </div>
      <YamlLines text={text} label={`YAML of ${ref.name}`} />
    </div>
  );
}

interface EditProps extends Props {
  draft: Draft;
  onDraft: (draft: Draft | null) => void;
}

function Edit({ cluster, kind, object, draft, onDraft }: EditProps) {
  const client = useQueryClient();
  const name = object.metadata.name;
  const [tried, setTried] = useState<Tried | null>(null);
  const review = useMutation({ mutationFn: () => attempt(cluster, kind, draft), onSuccess: setTried });
  const apply = useMutation({
    mutationFn: ({ wanted }: Tried) => kubeSend<KubeObject>(cluster, "PUT", `${objectPath(kind, refOf(object))}?${CHANGE}`, wanted),
    onSuccess: (made) => {
      client.setQueryData(objectKey(cluster, kind, refOf(object)), made);
      onDraft(null);
    },
  });
  const moved = object.metadata.resourceVersion !== draft.from.metadata.resourceVersion;
  const parsed = useMemo(() => yamlParse(draft.text, draft.from), [draft]);
  const untouched = draft.text === yamlOf(draft.from);
  if (tried) {
    return (
      <Review
        tried={tried}
        name={name}
        busy={apply.isPending}
        failure={apply.error}
        onApply={() => apply.mutate(tried)}
        onAgain={() => {
          apply.reset();
          review.mutate();
        }}
        onBack={() => {
          apply.reset();
          setTried(null);
        }}
      />
    );
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2.5">
      <FailureNotice error={review.error} />
      {review.error instanceof KubeError && review.error.causes.length > 1 && (
        <ul className="list-disc pl-5 text-bad text-xs">
          {review.error.causes.map((cause) => (
            <li key={cause}>{cause}</li>
          ))}
        </ul>
      )}
      {moved && <Notice tone="info">It was changed while you edit. The review shows what your text would undo.</Notice>}
      <CodeWriter text={draft.text} label={`YAML of ${name}`} onChange={(text) => onDraft({ ...draft, text })} />
      <div className="flex flex-wrap items-center gap-2">
        <span role="status" className="min-w-0 flex-1 text-bad text-xs">
          {parsed.error}
        </span>
        <Button size="sm" onClick={() => onDraft(null)}>
          Cancel
        </Button>
        <Button
          size="sm"
          look="primary"
          busy={review.isPending}
          reason={parsed.error ?? (untouched ? "Nothing is changed yet." : null)}
          onClick={() => review.mutate()}
        >
          Review the change
        </Button>
      </div>
    </div>
  );
}

interface ReviewProps {
  tried: Tried;
  name: string;
  busy: boolean;
  failure: Error | null;
  onApply: () => void;
  onAgain: () => void;
  onBack: () => void;
}

function Review({ tried, name, busy, failure, onApply, onAgain, onBack }: ReviewProps) {
  const lines = useMemo(() => diff(yamlOf(quiet(tried.now)), yamlOf(quiet(tried.made))), [tried]);
  const conflict = failure instanceof KubeError && failure.status === 409;
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2.5">
      <div>
        <h3 className="font-semibold">What would change</h3>
        <p className="text-ink2 text-xs">The server has tried it and takes it. Nothing is changed yet.</p>
      </div>
      {conflict ? (
        <Notice tone="warn">Somebody changed it since you looked. Look again at what your edit does to it now.</Notice>
      ) : (
        <FailureNotice error={failure} />
      )}
      {lines.length === 0 ? (
        <Notice tone="info">Nothing: the server makes of your text what is there already.</Notice>
      ) : (
        <DiffLines lines={lines} label={`What changes in ${name}`} />
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button size="sm" onClick={onBack}>
          Edit further
        </Button>
        {conflict ? (
          <Button size="sm" look="primary" onClick={onAgain}>
            Look again
          </Button>
        ) : (
          <Button
            size="sm"
            look="primary"
            busy={busy}
            reason={lines.length === 0 ? "There is nothing to apply." : null}
            icon={<Check size={14} aria-hidden />}
            onClick={onApply}
          >
            Apply
          </Button>
        )}
      </div>
    </div>
  );
}
