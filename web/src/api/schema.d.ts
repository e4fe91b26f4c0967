// Made by `npm run codegen` from openapi.json; edit the server instead.

export interface paths {
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["setup_status"];
        put?: never;
        post: operations["setup_complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["auth_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["auth_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["auth_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["me_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["overview_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["status_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["agent_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["agent_facets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["agent_show"];
        put?: never;
        post?: never;
        delete: operations["agent_remove"];
        options?: never;
        head?: never;
        patch: operations["agent_update"];
        trace?: never;
    };
    "/api/v1/agents/{id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["agent_act"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["agents_act"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["command_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/commands/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["command_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/commands/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["command_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["agent_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["server_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["agent_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["agent_activity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["join_token_list"];
        put?: never;
        post: operations["join_token_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/join-tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["join_token_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["user_list"];
        put?: never;
        post: operations["user_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["user_set_role"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch: operations["user_update"];
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {string} */
        AgentKind: "host" | "command" | "systemd" | "openclaw";
        /** @enum {string} */
        AgentStatus: "offline" | "degraded" | "stopped" | "online";
        /** @enum {string} */
        CredentialKind: "certificate" | "api_key";
        /** @enum {string} */
        WorkloadState: "none" | "starting" | "running" | "restarting" | "stopping" | "stopped" | "backoff" | "crash_loop" | "zombie" | "failed";
        /** @enum {string} */
        FactState: "ok" | "waiting" | "bad" | "unknown";
        /** @enum {string} */
        CommandAction: "restart" | "kill" | "check";
        /** @enum {string} */
        CommandState: "sent" | "running" | "done" | "failed" | "timed_out" | "cancelled";
        /** @enum {string} */
        LogLevel: "trace" | "debug" | "info" | "warn" | "error";
        /** @enum {string} */
        Role: "viewer" | "operator" | "admin";
        /** @enum {string} */
        ActorKind: "user" | "agent" | "console" | "system" | "nobody";
        /** @enum {string} */
        AuditResult: "started" | "ok" | "failed" | "denied";
        Fact: {
            name: string;
            state: components["schemas"]["FactState"];
            detail: string;
            /** Format: date-time */
            since: string;
        };
        Workload: {
            state: components["schemas"]["WorkloadState"];
            detail: string;
            title: string;
            /** Format: int64 */
            pid?: number;
            /** Format: date-time */
            started_at?: string;
            /** Format: int64 */
            restarts: number;
            /** Format: int64 */
            last_exit?: number;
        };
        Agent: {
            /** Format: uuid */
            id: string;
            name: string;
            kind: components["schemas"]["AgentKind"];
            status: components["schemas"]["AgentStatus"];
            status_detail: string;
            /** Format: date-time */
            status_since: string;
            hostname: string;
            version: string;
            tags: string[];
            workload_state: components["schemas"]["WorkloadState"];
            workload_title: string;
            connected: boolean;
            /** Format: date-time */
            last_seen_at?: string;
            cpu_percent?: number;
            memory_used_bytes?: number;
            memory_total_bytes?: number;
            cpu_history: (number | null)[];
        };
        AgentDetail: components["schemas"]["Agent"] & {
            os: string;
            arch: string;
            address?: string;
            capabilities: string[];
            allow: string[];
            facts: components["schemas"]["Fact"][];
            workload: components["schemas"]["Workload"];
            credential: components["schemas"]["CredentialKind"];
            /** Format: date-time */
            certificate_expires_at?: string;
            /** Format: int64 */
            clock_skew_ms: number;
            /** Format: date-time */
            joined_at: string;
            /** Format: uuid */
            session_id?: string;
        };
        AgentUpdate: {
            name?: string;
            tags?: string[];
        };
        FacetCount: {
            value: string;
            /** Format: int64 */
            count: number;
        };
        AgentFacets: {
            status: components["schemas"]["FacetCount"][];
            kind: components["schemas"]["FacetCount"][];
            tag: components["schemas"]["FacetCount"][];
            version: components["schemas"]["FacetCount"][];
        };
        Activity: {
            id: string;
            /** Format: date-time */
            at: string;
            actor: string;
            action: string;
            result: components["schemas"]["AuditResult"];
            reason: string;
            detail: string;
            /** Format: int64 */
            duration_ms?: number;
            request_id: string;
        };
        RecentActivity: components["schemas"]["Activity"] & {
            agent_id?: string;
            agent_name?: string;
        };
        AuditEntry: {
            id: string;
            /** Format: date-time */
            at: string;
            actor_kind: components["schemas"]["ActorKind"];
            actor_id?: string;
            actor: string;
            address?: string;
            action: string;
            resource_kind?: string;
            resource_id?: string;
            resource?: string;
            result: components["schemas"]["AuditResult"];
            reason: string;
            detail: string;
            /** Format: int64 */
            duration_ms?: number;
            request_id: string;
        };
        LoginRequest: {
            username: string;
            password: string;
        };
        Me: {
            /** Format: uuid */
            id: string;
            username: string;
            role: components["schemas"]["Role"];
            /** Format: uuid */
            session_id: string;
            allowed: string[];
            /** Format: date-time */
            created_at: string;
        };
        LoginAnswer: {
            access_token: string;
            token_type: string;
            /** Format: int64 */
            expires_in: number;
            user: components["schemas"]["Me"];
        };
        SetupStatus: {
            needed: boolean;
        };
        SetupRequest: {
            token: string;
            username: string;
            password: string;
        };
        ActionRequest: {
            action: components["schemas"]["CommandAction"];
            reason?: string;
            /** Format: int64 */
            timeout_seconds?: number;
        };
        ActionAccepted: {
            /** Format: uuid */
            command_id: string;
        };
        BulkActionRequest: {
            agents: string[];
            action: components["schemas"]["CommandAction"];
            reason?: string;
            /** Format: int64 */
            timeout_seconds?: number;
        };
        BulkActionItem: {
            agent: string;
            /** Format: uuid */
            command_id?: string;
            code?: string;
            detail?: string;
        };
        BulkActionAnswer: {
            items: components["schemas"]["BulkActionItem"][];
        };
        Command: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            agent_id: string;
            agent_name: string;
            action: components["schemas"]["CommandAction"];
            reason: string;
            actor: string;
            state: components["schemas"]["CommandState"];
            progress: string;
            result: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            finished_at?: string;
            /** Format: date-time */
            deadline: string;
            request_id: string;
        };
        JoinTokenCreate: {
            /** Format: int64 */
            ttl_seconds?: number;
            /** Format: int64 */
            uses?: number;
            kind?: components["schemas"]["AgentKind"];
            tags?: string[];
            allow_api_key?: boolean;
        };
        JoinTokenCreated: {
            token: string;
            ca_pin: string;
            server: string;
            /** Format: date-time */
            expires_at: string;
            command: string;
            /** Format: uuid */
            id: string;
        };
        JoinToken: {
            /** Format: uuid */
            id: string;
            kind?: components["schemas"]["AgentKind"];
            tags: string[];
            allow_api_key: boolean;
            /** Format: int64 */
            uses: number;
            /** Format: int64 */
            used: number;
            created_by: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: date-time */
            revoked_at?: string;
        };
        LogLine: {
            /** Format: int64 */
            seq: number;
            /** Format: date-time */
            at: string;
            level: components["schemas"]["LogLevel"];
            source: string;
            message: string;
        };
        LogLines: {
            items: components["schemas"]["LogLine"][];
            more: boolean;
        };
        MetricSeries: {
            name: string;
            unit: string;
            points: number[][];
        };
        Metrics: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            /** Format: int64 */
            step_seconds: number;
            series: components["schemas"]["MetricSeries"][];
        };
        FleetCounts: {
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            online: number;
            /** Format: int64 */
            degraded: number;
            /** Format: int64 */
            offline: number;
            /** Format: int64 */
            stopped: number;
        };
        FleetPoint: {
            /** Format: date-time */
            at: string;
            counts: components["schemas"]["FleetCounts"];
        };
        ActionCounts: {
            /** Format: int64 */
            total: number;
            /** Format: int64 */
            failed: number;
            /** Format: int64 */
            running: number;
        };
        Overview: {
            fleet: components["schemas"]["FleetCounts"];
            history: components["schemas"]["FleetPoint"][];
            attention: components["schemas"]["Agent"][];
            busiest: components["schemas"]["Agent"][];
            recent: components["schemas"]["RecentActivity"][];
            actions_today: components["schemas"]["ActionCounts"];
        };
        Problem: {
            code: string;
            title: string;
            /** Format: int64 */
            status: number;
            detail: string;
            request_id: string;
        };
        Health: {
            status: string;
        };
        Status: {
            version: string;
            database: string;
            /** Format: date-time */
            started_at: string;
            /** Format: int64 */
            connected_agents: number;
            fleet: components["schemas"]["FleetCounts"];
            ca_pin: string;
            agent_address: string;
        };
        User: {
            /** Format: uuid */
            id: string;
            username: string;
            role: components["schemas"]["Role"];
            active: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            last_active_at?: string;
        };
        UserCreate: {
            username: string;
            password: string;
            role: components["schemas"]["Role"];
        };
        UserSetRole: {
            role: components["schemas"]["Role"];
        };
        UserUpdate: {
            active?: boolean;
            password?: string;
        };
        List_Agent: {
            items: components["schemas"]["Agent"][];
            next_cursor?: string;
            /** Format: int64 */
            total: number;
        };
        List_Command: {
            items: components["schemas"]["Command"][];
            next_cursor?: string;
            /** Format: int64 */
            total: number;
        };
        List_Activity: {
            items: components["schemas"]["Activity"][];
            next_cursor?: string;
            /** Format: int64 */
            total: number;
        };
        List_JoinToken: {
            items: components["schemas"]["JoinToken"][];
            next_cursor?: string;
            /** Format: int64 */
            total: number;
        };
        List_User: {
            items: components["schemas"]["User"][];
            next_cursor?: string;
            /** Format: int64 */
            total: number;
        };
        List_AuditEntry: {
            items: components["schemas"]["AuditEntry"][];
            next_cursor?: string;
            /** Format: int64 */
            total: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    setup_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupStatus"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setup_complete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    auth_logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    overview_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    status_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_list: {
        parameters: {
            query?: {
                q?: string;
                status?: string;
                kind?: string;
                tag?: string;
                version?: string;
                seen_within?: number;
                sort?: string;
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Agent"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_facets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentFacets"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentDetail"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AgentUpdate"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentDetail"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_act: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ActionRequest"];
            };
        };
        responses: {
            /** @description done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionAccepted"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agents_act: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkActionRequest"];
            };
        };
        responses: {
            /** @description done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkActionAnswer"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    command_list: {
        parameters: {
            query?: {
                agent?: string;
                open?: boolean;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Command"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    command_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    command_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_logs: {
        parameters: {
            query?: {
                lines?: number;
                level?: components["schemas"]["LogLevel"];
                q?: string;
                since?: string;
                before?: number;
                follow?: boolean;
                format?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogLines"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    server_logs: {
        parameters: {
            query?: {
                lines?: number;
                level?: components["schemas"]["LogLevel"];
                q?: string;
                since?: string;
                before?: number;
                follow?: boolean;
                format?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogLines"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_metrics: {
        parameters: {
            query?: {
                names?: string;
                from?: string;
                to?: string;
                step?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Metrics"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_activity: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Activity"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    join_token_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_JoinToken"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    join_token_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JoinTokenCreate"];
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinTokenCreated"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    join_token_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_User"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserCreate"];
            };
        };
        responses: {
            /** @description done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_set_role: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserSetRole"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserUpdate"];
            };
        };
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_list: {
        parameters: {
            query?: {
                q?: string;
                actor?: string;
                action?: string;
                result?: string;
                agent?: string;
                from?: string;
                to?: string;
                limit?: number;
                cursor?: string;
                format?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_AuditEntry"];
                };
            };
            /** @description problem */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
