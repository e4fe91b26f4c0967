// TEMPORARY: what the contract says of recordings, until the OpenAPI document says it. Deleted when it does.

export interface ContractRecording {
  id: string;
  kind: string;
  cluster: string;
  namespace: string;
  pod: string;
  container: string;
  user: string;
  command: string[];
  tty: boolean;
  started_at: string;
  ended_at?: string | null;
  ending?: "closed" | "unreadable" | "not_stored" | "stopped" | "unknown" | null;
  exit_code?: number | null;
  bytes: number;
  cols: number;
  rows: number;
  request_id: string;
  truncated: boolean;
}

interface Got<T> {
  responses: { 200: { headers: { [name: string]: unknown }; content: { "application/json": T } } };
}
interface Path<G> {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
  get: G;
}

declare module "./schema" {
  interface paths {
    "/api/v1/recordings": Path<
      Got<{ items: ContractRecording[]; next_cursor?: string | null; total: number }> & {
        parameters: { query?: { cluster?: string; user?: string; cursor?: string; limit?: number } };
      }
    >;
    "/api/v1/recordings/{id}": Path<Got<ContractRecording> & { parameters: { path: { id: string } } }>;
  }
}
