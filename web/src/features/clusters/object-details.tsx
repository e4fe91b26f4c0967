// What an object is, in facts: where it belongs, how it stands, and the parts of common kinds that people look for first.
import type { ReactNode } from "react";
import { kindOf } from "../../api/kube/discovery";
import { apiVersionParse, refText } from "../../api/kube/paths";
import type { Condition, Kind, KubeObject, OwnerReference } from "../../api/kube/types";
import type { Search } from "../../api/url";
import { CopyButton } from "../../ui/copy";
import { Facts } from "../../ui/facts";
import { Mark, TONE_TEXT } from "../../ui/status";
import { Ago } from "../../ui/time";
import { Containers } from "./pod-containers";
import { specFacts } from "./spec-facts";
import { conditionTone } from "./words";

interface Props {
  cluster: string;
  kinds: readonly Kind[];
  kind: Kind;
  object: KubeObject;
  change: (part: Partial<Search>, push?: boolean) => void;
}

/** `#/…` of a tab: opens another object in the same panel. */
function ObjectLink({ onOpen, children }: { onOpen: (() => void) | null; children: ReactNode }) {
  if (!onOpen) return <>{children}</>;
  return (
    <button type="button" onClick={onOpen} className="text-left text-accent [overflow-wrap:anywhere] hover:underline">
      {children}
    </button>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Pairs({ pairs, label }: { pairs: Record<string, string>; label: string }) {
  return (
    <ul aria-label={label} className="flex flex-wrap gap-1">
      {Object.entries(pairs).map(([key, value]) => (
        <li
          key={key}
          title={`${key}=${value}`}
          className="max-w-full truncate rounded-md border border-line px-1.5 text-2xs text-ink2 leading-[19px]"
        >
          {key}
          {value && (
            <>
              <span className="text-ink3">=</span>
              <span className="text-ink">{value}</span>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Annotations({ pairs }: { pairs: Record<string, string> }) {
  return (
    <details>
      <summary className="cursor-pointer text-ink2 hover:text-ink">{Object.keys(pairs).length}, show</summary>
      <dl className="mt-1.5 flex flex-col gap-1.5">
        {Object.entries(pairs).map(([key, value]) => (
          <div key={key}>
            <dt className="break-all text-ink3 text-xs">{key}</dt>
            <dd className="line-clamp-4 break-all font-mono text-xs">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  return (
    <ul className="overflow-hidden rounded-lg border border-line">
      {conditions.map((each) => {
        const tone = conditionTone(each.type, each.status);
        return (
          <li key={each.type} className="flex items-start gap-2.5 border-line2 border-b px-3 py-2 last:border-0">
            <span className={`mt-1 ${TONE_TEXT[tone]}`}>
              <Mark tone={tone} size={10} />
            </span>
            <div className="min-w-0 flex-1">
              <div>
                <span className="font-medium">{each.type}</span>{" "}
                <span className={TONE_TEXT[tone]}>
                  {each.status === "True" ? "yes" : each.status === "False" ? "no" : each.status.toLowerCase()}
                </span>
                {each.reason && <span className="text-ink3">, {each.reason}</span>}
              </div>
              {each.message && <div className="text-ink2 text-xs [overflow-wrap:anywhere]">{each.message}</div>}
            </div>
            {each.lastTransitionTime && <Ago at={each.lastTransitionTime} as="for" className="shrink-0 text-ink3 text-xs" />}
          </li>
        );
      })}
    </ul>
  );
}

/** The keys of a ConfigMap or Secret; a Secret's values are shown only when asked for. */
function Data({ object, secret }: { object: KubeObject; secret: boolean }) {
  const data = { ...(object.data as Record<string, string> | undefined), ...(object.binaryData as Record<string, string> | undefined) };
  const entries = Object.entries(data);
  if (entries.length === 0) return <p className="text-ink3">Nothing in it.</p>;
  return (
    <ul className="flex flex-col gap-2">
      {entries.map(([key, value]) => {
        const text = secret ? decoded(value) : value;
        return (
          <li key={key} className="rounded-lg border border-line px-3 py-2">
            <details open={!secret && text.length < 400}>
              <summary className="cursor-pointer">
                <span className="font-medium [overflow-wrap:anywhere]">{key}</span>{" "}
                <span className="text-ink3 text-xs">{text.length} characters</span>
              </summary>
              <pre className="mt-1.5 max-h-60 overflow-auto whitespace-pre-wrap font-mono text-xs [overflow-wrap:anywhere]">{text}</pre>
              <CopyButton text={text} size="sm" look="ghost" />
            </details>
          </li>
        );
      })}
    </ul>
  );
}

function decoded(value: string): string {
  try {
    const bytes = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return value;
  }
}

export function ObjectDetails({ cluster, kinds, kind, object, change }: Props) {
  const { metadata } = object;
  const namespace = metadata.namespace ?? "";
  const open = (apiVersion: string, ofKind: string, name: string) => {
    const found = kindOf(kinds, apiVersionParse(apiVersion).group, ofKind);
    if (!found) return null;
    const object = refText({ namespace: found.namespaced ? namespace : "", name });
    return () => change({ kind: found.id === "pods" ? undefined : found.id, object, view: undefined, sort: undefined, q: undefined }, true);
  };
  const owner = (each: OwnerReference) => (
    <ObjectLink key={each.uid} onOpen={open(each.apiVersion, each.kind, each.name)}>
      {each.kind} {each.name}
    </ObjectLink>
  );
  const conditions = object.status?.conditions;
  const node = kind.id === "pods" ? String(object.spec?.nodeName ?? "") : "";
  return (
    <div className="flex flex-col gap-5">
      <Facts
        list={[
          ["Created", metadata.creationTimestamp && <Ago at={metadata.creationTimestamp} />],
          ["Being deleted", metadata.deletionTimestamp && <Ago at={metadata.deletionTimestamp} />],
          ["Owner", metadata.ownerReferences?.length ? metadata.ownerReferences.map(owner) : null],
          ["Node", node && <ObjectLink onOpen={open("v1", "Node", node)}>{node}</ObjectLink>],
          ...specFacts(kind.id, object),
          ["Labels", metadata.labels && <Pairs pairs={metadata.labels} label="Labels" />],
          ["Annotations", metadata.annotations && <Annotations pairs={metadata.annotations} />],
          ["Finalizers", metadata.finalizers?.join(", ")],
          [
            "UID",
            <span key="uid" className="font-mono text-xs">
              {metadata.uid}
            </span>,
          ],
        ]}
      />
      {kind.id === "pods" && (
        <Part title="Containers">
          <Containers cluster={cluster} pod={object} change={change} />
        </Part>
      )}
      {Array.isArray(conditions) && conditions.length > 0 && (
        <Part title="Conditions">
          <Conditions conditions={conditions} />
        </Part>
      )}
      {(kind.id === "configmaps" || kind.id === "secrets") && (
        <Part title="Data">
          <Data object={object} secret={kind.id === "secrets"} />
        </Part>
      )}
    </div>
  );
}
