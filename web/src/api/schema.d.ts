// Made by `npm run codegen` from openapi.json; edit the server instead.

export interface paths {
    "/api/v1/access-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own requests for access and those one may decide, newest first. */
        get: operations["access_request_list"];
        put?: never;
        /** Ask for a role, or for one action on one thing, for a while. */
        post: operations["access_request_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show one request. */
        get: operations["access_request_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Grant a request. It counts from the next request of who asked, and ends by itself. */
        post: operations["access_request_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take back one's own request. */
        post: operations["access_request_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/deny": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuse a request. */
        post: operations["access_request_deny"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/access-requests/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End granted access early: by who has it, or by who may approve it. */
        post: operations["access_request_end"];
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
        /** Ask many agents at once. One that cannot does not keep the others from it. */
        post: operations["agents_act"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the actions there are. */
        get: operations["action_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the audit trail, newest first; or download it, oldest first. */
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit/checkpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the audit trail's signed checkpoints, newest first. */
        get: operations["audit_checkpoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit/key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the public key that the audit trail's checkpoints are checked with. */
        get: operations["audit_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check the whole audit trail: its chain, its checkpoints, its end. */
        get: operations["audit_verify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the newest invites, without their secrets. */
        get: operations["invite_list"];
        put?: never;
        /** Make an invite. Its secret is shown this once. */
        post: operations["invite_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/invites/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an invite. An account that was made with it stays. */
        delete: operations["invite_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List identity providers by name. */
        get: operations["provider_list"];
        put?: never;
        /** Add an identity provider. It is not asked yet: try it with `check`. */
        post: operations["provider_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/providers/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See one identity provider, without its secret. */
        get: operations["provider_show"];
        /** Change an identity provider. Disabling it ends its sessions; another issuer also ends its links. */
        put: operations["provider_update"];
        post?: never;
        /** Remove an identity provider with its links, and end its sessions. The users stay. */
        delete: operations["provider_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/providers/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Try whether an identity provider answers as it should. */
        post: operations["provider_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/role-assignments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List who was given which role, newest first. */
        get: operations["assignment_list"];
        put?: never;
        /** Give a role to a user, a service token or a group, for good or for a while. */
        post: operations["assignment_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/role-assignments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a role away again. It counts from the next request. */
        delete: operations["assignment_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List roles: the built-in ones, then those made here by name. */
        get: operations["role_list"];
        put?: never;
        /** Make a role. */
        post: operations["role_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/roles/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a role without saving it: its Cedar text, and what is wrong with it. */
        post: operations["role_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/roles/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a role allows. */
        get: operations["role_show"];
        /** Change a role. It counts from the next request of everybody who has it. */
        put: operations["role_update"];
        post?: never;
        /** Delete a role that nobody has. */
        delete: operations["role_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the settings of identity. */
        get: operations["settings_show"];
        /** Change the settings of identity: all of them. */
        put: operations["settings_update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/simulate/past": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Which past actions would a changed role have refused, or newly allowed? */
        post: operations["simulate_past"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/simulate/what": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What could this user do? Every action there is, on all of what it is done to, on some, or on none. */
        post: operations["simulate_what"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/simulate/who": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who could do this? Every active user is asked about, as their roles are now. */
        post: operations["simulate_who"];
        delete?: never;
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
        /** List users by name. */
        get: operations["user_list"];
        put?: never;
        /** Make a user, with a password or with a link to choose one. */
        post: operations["user_create"];
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
        /** One user. */
        get: operations["user_show"];
        put?: never;
        post?: never;
        /** Delete a user. What they did stays on record, and the name stays reserved. */
        delete: operations["user_delete"];
        options?: never;
        head?: never;
        /** Disable, enable or unlock a user, or change the password, display name or address. */
        patch: operations["user_update"];
        trace?: never;
    };
    "/api/v1/admin/users/{id}/reset-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a link with which a user sets a new password. It works once, for 30 minutes. */
        post: operations["user_reset_link"];
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
        /** Give a user another role. */
        put: operations["user_set_role"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take away a user's second factors and end their sessions: for a user who lost them. */
        delete: operations["user_second_factor_reset"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a user's open sessions, the one used last first. */
        get: operations["user_sessions"];
        put?: never;
        post?: never;
        /** End all sessions of a user. */
        delete: operations["user_sessions_end"];
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
        /** List agents. */
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
        /** Count agents by status, kind, tag and version. */
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
        /** Everything about one agent, by id or name. */
        get: operations["agent_show"];
        put?: never;
        post?: never;
        /** Remove an agent: its credential is refused from then on. */
        delete: operations["agent_remove"];
        options?: never;
        head?: never;
        /** Give an agent another name or other tags. */
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
        /** Ask an agent to restart or kill its workload, or to check it now. */
        post: operations["agent_act"];
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
        /** What happened to an agent, newest first. */
        get: operations["agent_activity"];
        put?: never;
        post?: never;
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
        /** An agent's log. With `follow=true` the answer is `application/x-ndjson`, one line each, and does not end. */
        get: operations["agent_logs"];
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
        /** Metrics of an agent over a span. */
        get: operations["agent_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/cli/exchange": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trade the one-time code that the browser brought to the command line for a session. */
        post: operations["cli_exchange"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/email/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Verify an e-mail address with the link that was sent. */
        post: operations["email_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/invite/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make an account with an invite, and log in. */
        post: operations["invite_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/invite/look": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** See what an invite offers. */
        post: operations["invite_look"];
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
        /** Log in with a user name and a password. Answers 202 when a second factor is asked for. */
        post: operations["auth_login"];
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
        /** End this session. Answers the same when there is none; a session that came by an identity provider also says where to log out there. */
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
        /** The caller, and what the caller may do. */
        get: operations["me_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Link an account at a provider to the account here that has the same address, with its password, and log in. */
        post: operations["oidc_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/{name}/backchannel-logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A provider says that logins are over (OpenID Connect Back-Channel Logout): form field `logout_token`. */
        post: operations["oidc_backchannel_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/{name}/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * End a login with the provider's answer: sends the browser to where it wanted to go, to `/login?error=CODE`, or to `/login/link#ticket=…`
         *     when an account here has the same address and its password is needed to link it.
         */
        get: operations["oidc_callback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/oidc/{name}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Begin a login by a provider: sends the browser there; first to the server's public address, when it came by another name. `cli_port` and
         *     `cli_challenge` (S256) log in a command line that listens on loopback. What goes wrong is told as `/login?error=CODE`.
         */
        get: operations["oidc_start"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkey/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin a login by passkey alone. */
        post: operations["passkey_begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/passkey/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a login by passkey alone. */
        post: operations["passkey_finish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password/forgot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have a link to a new password sent. Answers the same, and as fast, whether or not anybody has the address. */
        post: operations["password_forgot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password/judge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Judge a password while it is typed. Nothing of it is kept, and no account is looked at. */
        post: operations["password_judge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a new password with the link that was sent. Every session ends. */
        post: operations["password_reset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ways to log in: for the login page. */
        get: operations["provider_buttons"];
        put?: never;
        post?: never;
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
        /** Trade the refresh cookie for fresh tokens. */
        post: operations["auth_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer the challenge of a login with a code, a passkey or a recovery code. */
        post: operations["second_factor_answer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/second-factor/enrol": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set up an authenticator app within a login that demands one; then answer the challenge with its first code. */
        post: operations["second_factor_enrol"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/step-up": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Prove again who the caller is: for ten minutes, destructive actions are not asked about. */
        post: operations["me_step_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/step-up/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask how the caller can prove again who they are. */
        post: operations["me_step_up_begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the clusters in which the caller may do anything, by name. */
        get: operations["cluster_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One cluster. */
        get: operations["cluster_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{name}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask what the gate would say about requests, without making them. */
        post: operations["cluster_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{name}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a token that opens this cluster's door and nothing else, as the caller. It lives for 15 minutes, and no longer than the caller's login
         *     or API token stands.
         */
        post: operations["cluster_credential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/clusters/{name}/exec": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run a kubectl beside the cluster, as the caller, over a WebSocket. Messages are binary; their first byte is the channel: 0 standard input, 1
         *     standard output, 2 standard error, 3 the end as JSON (`{"exit_code":0}` or `{"error":"…"}`), 4 the terminal's size as JSON
         *     (`{"Width":80,"Height":24}`), 255 and a channel's number: that channel is closed.
         */
        get: operations["cluster_exec_socket"];
        put?: never;
        /**
         * Run a kubectl beside the cluster, as the caller. The answer comes as it is said: `application/x-ndjson`, an `ExecLine` a line, whose last is
         *     `exit_code` or `error`; with `Accept: text/plain` as text, and the exit code in the trailer `X-Exit-Code` (125 when it did not run to its end).
         */
        post: operations["cluster_exec"];
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
        /** List commands, newest first. */
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
        /** One command. */
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
        /** Give up a command. */
        post: operations["command_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow live events (WebSocket). Frames are JSON text: first `{"type":"hello",…}`, then `{"type":"events",…}`. */
        get: operations["event_follow"];
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
        /** List join tokens, newest first, without their secrets. */
        get: operations["join_token_list"];
        put?: never;
        /** Make a join token. Its secret is shown this once. */
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
        /** Revoke a join token; agents it admitted stay. */
        delete: operations["join_token_revoke"];
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
        /** The server's own log. */
        get: operations["server_logs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's own profile. */
        get: operations["me_profile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change one's own display name or address. */
        patch: operations["me_update"];
        trace?: never;
    };
    "/api/v1/me/email/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Have the link sent that proves one's own address. */
        post: operations["me_email_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own accounts at identity providers. */
        get: operations["me_identities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/identities/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Unlink one's own account at a provider; sessions that came by it end. */
        delete: operations["me_identity_unlink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/identities/{provider}/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to link one's own account at a provider: answers where to send the browser. It comes back to `return_to`, with `sso_error=CODE` when
         *     it came to nothing. Asks for a fresh proof of who one is.
         */
        post: operations["me_identity_link"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/logins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one's own login history, newest first. */
        get: operations["me_logins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add the passkey a browser made. */
        post: operations["me_passkey_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/passkeys/begin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to add a passkey. */
        post: operations["me_passkey_begin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/passkeys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a passkey. */
        delete: operations["me_passkey_remove"];
        options?: never;
        head?: never;
        /** Rename a passkey. */
        patch: operations["me_passkey_rename"];
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's own password. All other sessions end. */
        post: operations["me_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one's own preferences. */
        get: operations["me_preferences"];
        /** Keep one's own preferences: all of them; what is left out is as by default. */
        put: operations["me_preferences_update"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make new recovery codes; the ones before are void. */
        post: operations["me_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller has set up for the second step of their logins. */
        get: operations["me_second_factor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own open sessions, the one used last first. */
        get: operations["me_sessions"];
        put?: never;
        post?: never;
        /** End all of one's own sessions but this. */
        delete: operations["me_sessions_end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one of one's own sessions. */
        delete: operations["me_session_end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to set up an authenticator app. It counts once its first code was given; until then the one in use stays. */
        post: operations["me_totp_begin"];
        /** Remove the authenticator app. */
        delete: operations["me_totp_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put the authenticator app in force with its first code. */
        post: operations["me_totp_confirm"];
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
        /** Is everything well, what changed, what can be done about it. */
        get: operations["overview_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List recorded sessions, newest first: one's own, and with `recording_admin` everybody's. */
        get: operations["recording_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show one recorded session. */
        get: operations["recording_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recordings/{id}/cast": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The text of a recorded session: asciicast, version 2. Each time it is asked for is written down. */
        get: operations["recording_cast"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the first user is still to be made. */
        get: operations["setup_status"];
        put?: never;
        /** Make the first admin with the one-time token of the set-up link. */
        post: operations["setup_complete"];
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
        /** The server's version and state. */
        get: operations["status_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List one's own tokens, or everybody's, newest first, without their secrets. */
        get: operations["token_list"];
        put?: never;
        /** Make a token. Its secret is shown this once. */
        post: operations["token_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** See one token, with the addresses it was used from. */
        get: operations["token_show"];
        put?: never;
        post?: never;
        /** Revoke a token: it opens nothing from now on. */
        delete: operations["token_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a token a new secret; the old one works a while longer. */
        post: operations["token_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why may I, or may I not? */
        get: operations["me_why"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server works and its database answers. */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process is alive. */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures for Prometheus, in its text format. Open to this machine; others need a token of somebody who sees the whole fleet. */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether requests should be sent here: not while the database is away or the server drains. */
        get: operations["readyz"];
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
        /**
         * @description The one colour for what can be acted on.
         * @enum {string}
         */
        Accent: "blue" | "teal" | "green" | "amber" | "rose" | "violet" | "slate";
        /** @description A request for access, and what became of it. */
        AccessRequest: {
            /** @description The action that is asked for; absent when it is a role. */
            action?: string | null;
            /**
             * Format: date-time
             * @description When it was asked.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was decided, or taken back.
             */
            decided_at?: string | null;
            /** @description Who decided it. */
            decided_by?: string | null;
            /** @description What they said. */
            decision_reason?: string | null;
            /**
             * Format: int64
             * @description For how long; once it is granted, the time that was granted.
             */
            duration_seconds: number;
            /**
             * Format: date-time
             * @description When it was over, by itself or early.
             */
            ended_at?: string | null;
            /**
             * Format: date-time
             * @description When the granted access ends by itself.
             */
            expires_at?: string | null;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description Whether the caller may approve or deny it now. */
            may_decide: boolean;
            /** @description Why. */
            reason: string;
            /** @description Who asks. */
            requester: components["schemas"]["Requester"];
            /** @description The thing's id. */
            resource?: string | null;
            /** @description The kind of thing the action is done to: `agent` or `everything`. */
            resource_kind?: string | null;
            /** @description What the thing was called when it was asked. */
            resource_name?: string | null;
            /** @description The role that is asked for; absent when it is one action. */
            role?: string | null;
            /** @description How it stands now. */
            state: components["schemas"]["AccessState"];
        };
        /** @description Approval of a request. */
        AccessRequestApprove: {
            /**
             * Format: int64
             * @description For how long, when it is not what was asked for: 300 to 2592000.
             * @default null
             */
            duration_seconds?: number | null;
            /**
             * @description A word to who asked, at most 500 characters.
             * @default
             */
            reason?: string;
        };
        /** @description What is asked for: a role, or one action on one thing. */
        AccessRequestCreate: {
            /** @description In place of a role: an action, `agent_kill`. */
            action?: string | null;
            /**
             * Format: int64
             * @description For how long: 300 (5 minutes) to 2592000 (30 days).
             */
            duration_seconds: number;
            /** @description Why; approvers read it, and the audit trail keeps it. 1 to 500 characters. */
            reason: string;
            /** @description The thing, by id or name. */
            resource?: string | null;
            /** @description The kind of thing it is done to; absent: what the action is about. */
            resource_kind?: string | null;
            /** @description A role. */
            role?: string | null;
        };
        /** @description Refusal of a request. */
        AccessRequestDeny: {
            /** @description Why not, 1 to 500 characters. */
            reason: string;
        };
        /**
         * @description How a request for access stands.
         * @enum {string}
         */
        AccessState: "pending" | "approved" | "denied" | "cancelled" | "expired" | "ended";
        /** @description An action there is. */
        Action: {
            /** @description Whether it can hurt. */
            destructive: boolean;
            /** @description Its name: `agent_restart`. */
            name: string;
            /** @description What it is done to: `agent`, `command`, `everything`, … */
            on: string;
            /** @description What it is, for people. */
            text: string;
            /** @description The weakest built-in role that may do it. */
            weakest: components["schemas"]["BuiltInRole"];
        };
        /** @description The action was accepted. */
        ActionAccepted: {
            /**
             * Format: uuid
             * @description Follow it at `/api/v1/commands/{id}` or in the live events.
             */
            command_id: string;
        };
        /** @description How many actions ended how. */
        ActionCounts: {
            /**
             * Format: int64
             * @description Failed or timed out.
             */
            failed: number;
            /**
             * Format: int64
             * @description Still under way.
             */
            running: number;
            /**
             * Format: int64
             * @description Asked for.
             */
            total: number;
        };
        /** @description An action on one agent. */
        ActionRequest: {
            /** @description What to do. */
            action: components["schemas"]["CommandAction"];
            /** @description Why; kept in the audit trail. At most 500 characters; may be empty for `check`. */
            reason?: string;
            /**
             * Format: int32
             * @description Seconds until it counts as timed out; 1 to 3600, default 120.
             */
            timeout_seconds?: number | null;
        };
        /** @description One thing that happened to an agent: an audit entry without addresses. */
        Activity: {
            /** @description What: `agent_restart`, `agent_connect`, `agent_disconnect`, … */
            action: string;
            /** @description Who: a user's or the agent's name, or `system`. */
            actor: string;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What happened, in ours. */
            detail: string;
            /**
             * Format: int64
             * @description How long it took.
             */
            duration_ms?: number | null;
            /** @description Stable id. */
            id: string;
            /** @description Why, in the actor's words. */
            reason: string;
            /** @description Correlation id. */
            request_id: string;
            /** @description How it ended. */
            result: components["schemas"]["AuditResult"];
        };
        /**
         * @description What kind of actor did something.
         * @enum {string}
         */
        ActorKind: "user" | "service" | "agent" | "console" | "system" | "nobody";
        /** @description An agent as a row of the list; also the payload of `agent_changed` events. */
        Agent: {
            /** @description Whether its stream is open now. */
            connected: boolean;
            /** @description CPU over the last hour in 5-minute averages, oldest first; gaps are null. */
            cpu_history: (number | null)[];
            /**
             * Format: double
             * @description CPU of its machine, 0 to 100, from the last report.
             */
            cpu_percent?: number | null;
            /** @description The machine's name. */
            hostname: string;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description What it looks after. */
            kind: components["schemas"]["AgentKind"];
            /**
             * Format: date-time
             * @description Last frame heard; for a connected agent at most a heartbeat ago.
             */
            last_seen_at?: string | null;
            /**
             * Format: double
             * @description Memory of its machine.
             */
            memory_total_bytes?: number | null;
            /**
             * Format: double
             * @description Memory in use on its machine.
             */
            memory_used_bytes?: number | null;
            /** @description Unique name. */
            name: string;
            /** @description The one word for it. */
            status: components["schemas"]["AgentStatus"];
            /** @description Why, in words, when the status is not `online`: `offline unexpectedly`, `said goodbye: …`, `crash loop: exit code 1`. */
            status_detail: string;
            /**
             * Format: date-time
             * @description Since when the status stands.
             */
            status_since: string;
            /** @description Labels, sorted. */
            tags: string[];
            /** @description The agent program's version. */
            version: string;
            /** @description Where its workload is in its life. */
            workload_state: components["schemas"]["WorkloadState"];
            /** @description What its workload is. */
            workload_title: string;
        };
        /** @description Everything about one agent. */
        AgentDetail: components["schemas"]["Agent"] & {
            /** @description Address it dials from. */
            address?: string | null;
            /** @description What its owner allows to be asked. */
            allow: string[];
            /** @description How its API key begins, to recognise it by; absent for an agent with a certificate. */
            api_key_prefix?: string | null;
            /** @description `x86_64`. */
            arch: string;
            /** @description What it offers. */
            capabilities: string[];
            /**
             * Format: date-time
             * @description When its certificate ends; it renews by itself at two thirds of its life.
             */
            certificate_expires_at?: string | null;
            /**
             * Format: int64
             * @description The agent's clock minus the server's, in milliseconds.
             */
            clock_skew_ms: number;
            /** @description How it proves who it is. */
            credential: components["schemas"]["CredentialKind"];
            /** @description The separate liveness facts, `linked` first. */
            facts: components["schemas"]["Fact"][];
            /**
             * Format: date-time
             * @description When it joined.
             */
            joined_at: string;
            /** @description `linux 6.12.3`. */
            os: string;
            /**
             * Format: uuid
             * @description The running process's id at the agent's side, new on each start: the agent's session.
             */
            session_id?: string | null;
            /** @description What it supervises. */
            workload: components["schemas"]["Workload"];
        };
        /** @description How many agents there are of each value of a facet, over the whole fleet. */
        AgentFacets: {
            /** @description By kind. */
            kind: components["schemas"]["FacetCount"][];
            /** @description By status. */
            status: components["schemas"]["FacetCount"][];
            /** @description By tag, most used first, at most 200. */
            tag: components["schemas"]["FacetCount"][];
            /** @description By version. */
            version: components["schemas"]["FacetCount"][];
        };
        /**
         * @description What an agent looks after.
         * @enum {string}
         */
        AgentKind: "host" | "command" | "systemd" | "openclaw";
        /** @description Which agents: all lists must fit. */
        AgentSelector: {
            /**
             * @description Patterns of which one fits one of the groups.
             * @default []
             */
            groups?: string[];
            /**
             * @description Patterns over the kind: `host`, `command`, `systemd`, `openclaw`.
             * @default []
             */
            kinds?: string[];
            /**
             * @description Patterns over the name.
             * @default []
             */
            names?: string[];
            /**
             * @description Patterns over the login name of the agent's owner: who made the join token it joined with.
             * @default []
             */
            owners?: string[];
            /**
             * @description Patterns of which one fits one of the tags.
             * @default []
             */
            tags?: string[];
        };
        /**
         * @description The one word for an agent: `degraded` means that something is not as it should be, `stopped` that its workload was stopped on request.
         * @enum {string}
         */
        AgentStatus: "offline" | "degraded" | "stopped" | "online";
        /** @description Changes to an agent; absent fields stay. */
        AgentUpdate: {
            /** @description A new name. */
            name?: string | null;
            /** @description All its tags. */
            tags?: string[] | null;
        };
        /**
         * @description Whether things move.
         * @enum {string}
         */
        Animations: "system" | "on" | "off";
        /** @description One line of the audit trail; also the payload of `audit_appended` events. */
        AuditEntry: {
            /** @description What was done: `login`, `agent_restart`, … */
            action: string;
            /** @description The actor's name at that time. */
            actor: string;
            /** @description The actor's id. */
            actor_id?: string | null;
            /** @description What kind of actor. */
            actor_kind: components["schemas"]["ActorKind"];
            /** @description Where it came from. */
            address?: string | null;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What happened, in ours. */
            detail: string;
            /**
             * Format: int64
             * @description How long it took.
             */
            duration_ms?: number | null;
            /** @description SHA-256 over the hash before it and the entry, in hex: a link of the chain. */
            hash: string;
            /** @description Stable id; sorts by time. */
            id: string;
            /** @description Why, in the actor's words. */
            reason: string;
            /** @description Correlation id. */
            request_id: string;
            /** @description Its name at that time. */
            resource?: string | null;
            /** @description On which thing. */
            resource_id?: string | null;
            /** @description On what kind of thing. */
            resource_kind?: string | null;
            /** @description How it ended. */
            result: components["schemas"]["AuditResult"];
            /**
             * Format: int64
             * @description Its place in the trail: 1, 2, 3, … without a gap.
             */
            sequence: number;
            /** @description What the actor showed to be let in: `session:ID` or `token:ID`. */
            via?: string | null;
        };
        /** @description The public key that checkpoints are checked with. */
        AuditKey: {
            /** @description Names the key. */
            key_id: string;
            /** @description The Ed25519 key in PEM. */
            public_key_pem: string;
        };
        /**
         * @description How what was tried ended; `started` entries are closed by another entry with the same correlation id.
         * @enum {string}
         */
        AuditResult: "started" | "ok" | "failed" | "denied";
        /** @description How the trail's keeping itself stands. */
        AuditState: {
            /** @description What was found to be wrong with the trail since the server started. */
            bad?: string | null;
            /**
             * Format: int64
             * @description The newest entry that a checkpoint covers.
             */
            covered_to: number;
            /** @description What is wrong with the mirrors of checkpoints. */
            mirrors: string[];
            /**
             * Format: date-time
             * @description When that checkpoint was signed.
             */
            signed_at?: string | null;
        };
        /**
         * @description How an entry is bad.
         * @enum {string}
         */
        BadKind: "changed" | "missing" | "inserted" | "reordered" | "truncated" | "checkpoint";
        /**
         * @description What a user may do.
         * @enum {string}
         */
        BuiltInRole: "viewer" | "developer" | "operator" | "admin";
        /** @description What became of an action on many agents, in the order asked. */
        BulkActionAnswer: {
            /** @description One for each agent asked. */
            items: components["schemas"]["BulkActionItem"][];
        };
        /** @description What became of an action on one of many agents. */
        BulkActionItem: {
            /** @description As asked. */
            agent: string;
            /** @description Set when it was not: the problem's code. */
            code?: string | null;
            /**
             * Format: uuid
             * @description Set when it was accepted.
             */
            command_id?: string | null;
            /** @description Set when it was not: what to do. */
            detail?: string | null;
        };
        /** @description An action on many agents. */
        BulkActionRequest: {
            /** @description What to do. */
            action: components["schemas"]["CommandAction"];
            /** @description Names or ids; at most 1,000. */
            agents: string[];
            /** @description Why. */
            reason?: string;
            /**
             * Format: int32
             * @description Seconds until it counts as timed out; 1 to 3600, default 120.
             */
            timeout_seconds?: number | null;
        };
        /** @description Which login is meant. */
        ChallengeRequest: {
            /** @description The challenge. */
            challenge: string;
        };
        /** @description A signed statement of where the trail ended. */
        Checkpoint: {
            /**
             * Format: date-time
             * @description When it was signed.
             */
            at: string;
            /**
             * Format: int64
             * @description How many entries were kept then.
             */
            count: number;
            /**
             * Format: int64
             * @description The first entry that was found to be bad before this was signed.
             */
            first_bad?: number | null;
            /**
             * Format: int64
             * @description The oldest entry kept then.
             */
            first_sequence: number;
            /** @description That entry's hash, in hex. */
            hash: string;
            /** @description Which key signed it. */
            key_id: string;
            /**
             * Format: int64
             * @description 1, 2, 3, … without a gap.
             */
            number: number;
            /** @description SHA-256 of the checkpoint before it, in hex. */
            previous: string;
            /**
             * Format: int64
             * @description The newest entry it covers.
             */
            sequence: number;
            /** @description Ed25519, in base64. */
            signature: string;
        };
        /** @description What the command line got from the browser, for tokens. */
        CliExchange: {
            /** @description The one-time code. */
            code: string;
            /** @description The secret whose hash the login began with. */
            verifier: string;
        };
        /** @description A Kubernetes cluster; also the payload of `cluster_changed` events. */
        Cluster: {
            /** @description The agent that it is reached through. */
            agent: components["schemas"]["ClusterAgent"];
            /**
             * Format: date-time
             * @description When an agent first said that it looks after it.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When the agent last said how the cluster is.
             */
            last_seen_at: string;
            /** @description Its name. */
            name: string;
            nodes?: components["schemas"]["Ready"] | null;
            /**
             * Format: int64
             * @description Requests that went through central in the last minute.
             */
            requests_per_minute: number;
            /** @description Whether it can be used. */
            status: components["schemas"]["ClusterStatus"];
            /** @description Why its API server does not answer its agent. */
            trouble?: string | null;
            /** @description Its API server's version: `v1.34.1`; absent while it has never answered. */
            version?: string | null;
            /** @description What should run in it; kinds that the agent may not count are left out. */
            workloads: components["schemas"]["Workloads"][];
        };
        /** @description The agent that a cluster is reached through. */
        ClusterAgent: {
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /** @description Requests to ask the gate about, without making them. */
        ClusterCheck: {
            /** @description The requests; at most 100. */
            items: components["schemas"]["ClusterCheckItem"][];
        };
        /** @description One request. Empty texts for what does not apply. */
        ClusterCheckItem: {
            /** @description The API group; empty: the core. */
            api_group?: string;
            /** @description The object; empty: not one, but all. */
            name?: string;
            /** @description The namespace; `*`: every one; empty: none. */
            namespace?: string;
            /** @description `pods`, `deployments`, … */
            resource: string;
            /** @description `log`, `exec`, `scale`, … */
            subresource?: string;
            /** @description `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, … */
            verb: string;
        };
        /** @description What the gate would say, in the order that was asked. */
        ClusterChecked: {
            /** @description The answers. */
            items: components["schemas"]["ClusterCheckedItem"][];
        };
        /** @description One answer. */
        ClusterCheckedItem: {
            /** @description Whether the request would be let through. */
            allowed: boolean;
            /** @description Whether its answer would show only what the caller may see: `list` and `watch`. */
            partly: boolean;
            /** @description Why, in a sentence. */
            reason: string;
        };
        /** @description A token for one cluster's door. */
        ClusterCredential: {
            /**
             * Format: date-time
             * @description When it ends.
             */
            expires_at: string;
            /** @description The token: `Authorization: Bearer …` at `/k8s/clusters/{name}/…`. */
            token: string;
        };
        /**
         * @description Whether a Kubernetes cluster can be used.
         * @enum {string}
         */
        ClusterStatus: "online" | "degraded" | "unreachable" | "offline";
        /** @description One action sent to one agent; also the payload of `command_changed` events. */
        Command: {
            /** @description What was asked. */
            action: components["schemas"]["CommandAction"];
            /** @description Who asked. */
            actor: string;
            /**
             * Format: uuid
             * @description To which agent.
             */
            agent_id: string;
            /** @description The agent's name when it was sent. */
            agent_name: string;
            /**
             * Format: date-time
             * @description When it was asked.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it counts as timed out.
             */
            deadline: string;
            /**
             * Format: date-time
             * @description When it ended.
             */
            finished_at?: string | null;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description The latest progress in words. */
            progress: string;
            /** @description Why. */
            reason: string;
            /** @description Correlation id. */
            request_id: string;
            /** @description The result or the error in words. */
            result: string;
            /** @description Where it is. */
            state: components["schemas"]["CommandState"];
        };
        /**
         * @description What can be asked of an agent.
         * @enum {string}
         */
        CommandAction: "restart" | "kill" | "check";
        /**
         * @description Where a command is.
         * @enum {string}
         */
        CommandState: "sent" | "running" | "done" | "failed" | "timed_out" | "cancelled";
        /**
         * @description How an agent proves who it is.
         * @enum {string}
         */
        CredentialKind: "certificate" | "api_key";
        /** @description What the gate decides, and why. */
        Decision: {
            /** @description Whether it is allowed. */
            allowed: boolean;
            /** @description What each of the caller's roles says of it. */
            roles: components["schemas"]["RoleSays"][];
            /** @description The rule that decided: `role:viewer`, `role:deployers#2`, `default:deny`. */
            rule: string;
            /** @description The same as a sentence. */
            text: string;
        };
        /**
         * @description Allow or deny.
         * @enum {string}
         */
        Effect: "allow" | "deny";
        /** @description The proof of an address by a link. */
        EmailVerify: {
            /** @description From the link (`/verify#token=…`). */
            token: string;
        };
        /** @description One line of the answer. The last one is `exit_code` or `error`. */
        ExecLine: {
            /** @description What. */
            data: string;
            /** @description Where. */
            stream: components["schemas"]["ExecStream"];
        } | {
            /**
             * Format: int32
             * @description Its exit code.
             */
            exit_code: number;
        } | {
            /** @description Why, in a sentence. */
            error: string;
        };
        /** @description A kubectl to run. */
        ExecRequest: {
            /** @description Its arguments, one each: `["get", "pods", "-n", "app"]`. */
            command: string[];
            /** @description What it reads on standard input: at most 8 MiB. Left out, it reads nothing. */
            stdin?: string | null;
        };
        /**
         * @description Where a program says something.
         * @enum {string}
         */
        ExecStream: "stdout" | "stderr";
        /**
         * @description On how much something is allowed.
         * @enum {string}
         */
        Extent: "all" | "some" | "none";
        /** @description One value of a facet. */
        FacetCount: {
            /**
             * Format: int64
             * @description How many agents have it.
             */
            count: number;
            /** @description The value. */
            value: string;
        };
        /** @description One liveness fact with its own age. */
        Fact: {
            /** @description In a few words. */
            detail: string;
            /** @description `linked`, `process`, `port`, `lock`, `ready`, `hello`, … */
            name: string;
            /**
             * Format: date-time
             * @description Since when it stands so.
             */
            since: string;
            /** @description How it stands. */
            state: components["schemas"]["FactState"];
        };
        /**
         * @description How one liveness fact stands.
         * @enum {string}
         */
        FactState: "ok" | "waiting" | "bad" | "unknown";
        /**
         * @description How somebody can prove who they are.
         * @enum {string}
         */
        FactorMethod: "password" | "totp" | "passkey" | "recovery";
        /**
         * @description Who answers for a second factor: the provider in its own way, or it must say (claim `amr`) that there was one.
         * @enum {string}
         */
        FactorTrust: "provider" | "proved";
        /** @description The first bad entry of the trail. */
        FirstBad: {
            /**
             * Format: date-time
             * @description The time that stands there.
             */
            at?: string | null;
            /** @description The id that stands there, if anything does. */
            id?: string | null;
            /** @description How it is bad. */
            kind: components["schemas"]["BadKind"];
            /**
             * Format: int64
             * @description Its place.
             */
            sequence: number;
            /** @description The same in words. */
            text: string;
        };
        /** @description How many agents are in each state. */
        FleetCounts: {
            /**
             * Format: int64
             * @description Not as they should be.
             */
            degraded: number;
            /**
             * Format: int64
             * @description Not heard of.
             */
            offline: number;
            /**
             * Format: int64
             * @description Well.
             */
            online: number;
            /**
             * Format: int64
             * @description Stopped on request.
             */
            stopped: number;
            /**
             * Format: int64
             * @description All that are not removed.
             */
            total: number;
        };
        /** @description The counts at one moment of the past. */
        FleetPoint: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description The counts then. */
            counts: components["schemas"]["FleetCounts"];
        };
        /** @description Answer of `/health`, for anybody. */
        Health: {
            /** @description `ok`, or `unavailable` while the database does not answer or the server drains. */
            status: string;
            /** @description Names of what is not as it should be while the server still serves, such as `acme`; who is logged in reads more under `/api/v1/status`. */
            warnings?: string[];
        };
        /** @description A role in force. */
        HeldRole: {
            /**
             * Format: date-time
             * @description Until when.
             */
            expires_at?: string | null;
            /** @description The role. */
            role: string;
            /** @description Where it comes from: `account`, `assignment`, or a group of an identity provider. */
            source: string;
        };
        /** @description One's own account at a provider. */
        Identity: {
            /** @description The address the provider gave last. */
            email?: string | null;
            /**
             * Format: date-time
             * @description The last login by it.
             */
            last_login_at?: string | null;
            /**
             * Format: date-time
             * @description When it was linked.
             */
            linked_at: string;
            /** @description The provider's name. */
            provider: string;
            /** @description Who one is there. */
            subject: string;
        };
        /** @description A linking that was begun. */
        IdentityLinkBegun: {
            /** @description Where to send the browser: an address of the provider. */
            url: string;
        };
        /** @description What is asked when one links an account of one's own at a provider. */
        IdentityLinkWish: {
            /** @description A path of ours to come back to; left out: the front page. */
            return_to?: string | null;
        };
        /** @description Settings of identity, and how many seats are taken. */
        IdentitySettings: {
            /** @description Roles whose users must have a second factor. */
            require_second_factor: string[];
            /**
             * Format: int32
             * @description How many users may be active at once; null is any number.
             */
            seat_cap?: number | null;
            /**
             * Format: int64
             * @description How many are.
             */
            seats_used: number;
            /** @description Roles whose users prove again who they are before destructive actions. */
            step_up: string[];
        };
        /** @description Settings of identity to be kept: all of them. */
        IdentitySettingsUpdate: {
            /** @description Roles whose users must have a second factor. */
            require_second_factor?: string[];
            /**
             * Format: int32
             * @description How many users may be active at once; null or left out is any number.
             */
            seat_cap?: number | null;
            /** @description Roles whose users prove again who they are before destructive actions. */
            step_up?: string[];
        };
        /** @description A right to make one account. Its secret is shown once, when it is made. */
        Invite: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /** @description Whom it is for. */
            email?: string | null;
            /**
             * Format: date-time
             * @description When it ends by itself.
             */
            expires_at: string;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description What it is for. */
            note: string;
            /**
             * Format: date-time
             * @description When it was revoked.
             */
            revoked_at?: string | null;
            /** @description The role of the account to be. */
            role: string;
            /** @description How it stands. */
            state: components["schemas"]["InviteState"];
            /**
             * Format: date-time
             * @description When it was used.
             */
            used_at?: string | null;
            /** @description The account that was made with it. */
            used_by?: string | null;
        };
        /** @description The account to be made with an invite. */
        InviteAccept: {
            /** @description The name people see. */
            display_name?: string;
            /**
             * Format: password
             * @description Password, at least 12 characters.
             */
            password: string;
            /** @description From the link (`/invite#token=…`). */
            token: string;
            /** @description Login name. */
            username: string;
        };
        /** @description An invite to be made. */
        InviteCreate: {
            /** @description Whom it is for; empty for anybody who holds the link. */
            email?: string;
            /** @description What it is for, in one line of at most 200 characters. */
            note?: string;
            /** @description The role of the account to be. */
            role: string;
            /** @description Whether it is sent to the address. */
            send?: boolean;
            /**
             * Format: int64
             * @description How long it works, in seconds: 60 to 7776000 (90 days); 7 days when left out.
             */
            ttl_seconds?: number | null;
        };
        /** @description A new invite with its secret, which is never shown again. */
        InviteCreated: {
            /** @description The invite. */
            invite: components["schemas"]["Invite"];
            /** @description The secret. */
            token: string;
            /** @description The page's address with the secret. */
            url: string;
        };
        /** @description The secret of an invite. */
        InviteLook: {
            /** @description From the link (`/invite#token=…`). */
            token: string;
        };
        /** @description What an invite offers. */
        InviteOffer: {
            /** @description Whom it is for. */
            email?: string | null;
            /**
             * Format: date-time
             * @description When it ends by itself.
             */
            expires_at: string;
            /** @description Who made it. */
            invited_by: string;
            /** @description The role of the account to be. */
            role: string;
        };
        /**
         * @description How an invite stands.
         * @enum {string}
         */
        InviteState: "open" | "used" | "expired" | "revoked";
        /** @description A join token without its secret; also the payload of `join_token_changed` events. */
        JoinToken: {
            /** @description Whether it admits agents with an API key. */
            allow_api_key: boolean;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expires_at: string;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            kind?: components["schemas"]["AgentKind"] | null;
            /** @description From where. */
            last_used_address?: string | null;
            /**
             * Format: date-time
             * @description When an agent last joined with it.
             */
            last_used_at?: string | null;
            /** @description How its secret begins, to recognise it by. */
            prefix?: string;
            /**
             * Format: date-time
             * @description When it was revoked.
             */
            revoked_at?: string | null;
            /** @description Tags its agents get. */
            tags: string[];
            /**
             * Format: int32
             * @description How many it admitted.
             */
            used: number;
            /**
             * Format: int32
             * @description How many agents it admits.
             */
            uses: number;
        };
        /** @description A new join token. */
        JoinTokenCreate: {
            /** @description Admit agents that cannot hold a certificate; they get an API key. */
            allow_api_key?: boolean;
            kind?: components["schemas"]["AgentKind"] | null;
            /** @description Tags its agents get. */
            tags?: string[];
            /**
             * Format: int64
             * @description Seconds it lives; 60 to 2,592,000 (30 days), default 3600.
             */
            ttl_seconds?: number | null;
            /**
             * Format: int32
             * @description How many agents it admits; 1 to 10,000, default 1.
             */
            uses?: number | null;
        };
        /** @description A new join token with its secret, shown this once. */
        JoinTokenCreated: {
            /** @description Hash of the internal CA's certificate: `sha256:` and hex. */
            ca_pin: string;
            /** @description The command to paste on the machine. */
            command: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expires_at: string;
            /**
             * Format: uuid
             * @description Stable id, to revoke it.
             */
            id: string;
            /** @description Where agents dial: `host:8444`. */
            server: string;
            /** @description The secret. */
            token: string;
        };
        /** @description Which Kubernetes requests: all lists must fit. */
        KubernetesSelector: {
            /**
             * @description Patterns over the cluster's name.
             * @default []
             */
            clusters?: string[];
            /**
             * @description Patterns over the object's name.
             * @default []
             */
            names?: string[];
            /**
             * @description Patterns over the namespace.
             * @default []
             */
            namespaces?: string[];
            /**
             * @description Patterns over the resource: `pods`, `pods/exec`, `deployments.apps`, `*`.
             * @default []
             */
            resources?: string[];
            /**
             * @description Patterns over the verb: `get`, `list`, `delete`.
             * @default []
             */
            verbs?: string[];
        };
        /** @description One page of a list. */
        List_AccessRequest: {
            /** @description The items of this page. */
            items: {
                /** @description The action that is asked for; absent when it is a role. */
                action?: string | null;
                /**
                 * Format: date-time
                 * @description When it was asked.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it was decided, or taken back.
                 */
                decided_at?: string | null;
                /** @description Who decided it. */
                decided_by?: string | null;
                /** @description What they said. */
                decision_reason?: string | null;
                /**
                 * Format: int64
                 * @description For how long; once it is granted, the time that was granted.
                 */
                duration_seconds: number;
                /**
                 * Format: date-time
                 * @description When it was over, by itself or early.
                 */
                ended_at?: string | null;
                /**
                 * Format: date-time
                 * @description When the granted access ends by itself.
                 */
                expires_at?: string | null;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /** @description Whether the caller may approve or deny it now. */
                may_decide: boolean;
                /** @description Why. */
                reason: string;
                /** @description Who asks. */
                requester: components["schemas"]["Requester"];
                /** @description The thing's id. */
                resource?: string | null;
                /** @description The kind of thing the action is done to: `agent` or `everything`. */
                resource_kind?: string | null;
                /** @description What the thing was called when it was asked. */
                resource_name?: string | null;
                /** @description The role that is asked for; absent when it is one action. */
                role?: string | null;
                /** @description How it stands now. */
                state: components["schemas"]["AccessState"];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Action: {
            /** @description The items of this page. */
            items: {
                /** @description Whether it can hurt. */
                destructive: boolean;
                /** @description Its name: `agent_restart`. */
                name: string;
                /** @description What it is done to: `agent`, `command`, `everything`, … */
                on: string;
                /** @description What it is, for people. */
                text: string;
                /** @description The weakest built-in role that may do it. */
                weakest: components["schemas"]["BuiltInRole"];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Activity: {
            /** @description The items of this page. */
            items: {
                /** @description What: `agent_restart`, `agent_connect`, `agent_disconnect`, … */
                action: string;
                /** @description Who: a user's or the agent's name, or `system`. */
                actor: string;
                /**
                 * Format: date-time
                 * @description When.
                 */
                at: string;
                /** @description What happened, in ours. */
                detail: string;
                /**
                 * Format: int64
                 * @description How long it took.
                 */
                duration_ms?: number | null;
                /** @description Stable id. */
                id: string;
                /** @description Why, in the actor's words. */
                reason: string;
                /** @description Correlation id. */
                request_id: string;
                /** @description How it ended. */
                result: components["schemas"]["AuditResult"];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Agent: {
            /** @description The items of this page. */
            items: {
                /** @description Whether its stream is open now. */
                connected: boolean;
                /** @description CPU over the last hour in 5-minute averages, oldest first; gaps are null. */
                cpu_history: (number | null)[];
                /**
                 * Format: double
                 * @description CPU of its machine, 0 to 100, from the last report.
                 */
                cpu_percent?: number | null;
                /** @description The machine's name. */
                hostname: string;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /** @description What it looks after. */
                kind: components["schemas"]["AgentKind"];
                /**
                 * Format: date-time
                 * @description Last frame heard; for a connected agent at most a heartbeat ago.
                 */
                last_seen_at?: string | null;
                /**
                 * Format: double
                 * @description Memory of its machine.
                 */
                memory_total_bytes?: number | null;
                /**
                 * Format: double
                 * @description Memory in use on its machine.
                 */
                memory_used_bytes?: number | null;
                /** @description Unique name. */
                name: string;
                /** @description The one word for it. */
                status: components["schemas"]["AgentStatus"];
                /** @description Why, in words, when the status is not `online`: `offline unexpectedly`, `said goodbye: …`, `crash loop: exit code 1`. */
                status_detail: string;
                /**
                 * Format: date-time
                 * @description Since when the status stands.
                 */
                status_since: string;
                /** @description Labels, sorted. */
                tags: string[];
                /** @description The agent program's version. */
                version: string;
                /** @description Where its workload is in its life. */
                workload_state: components["schemas"]["WorkloadState"];
                /** @description What its workload is. */
                workload_title: string;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_AuditEntry: {
            /** @description The items of this page. */
            items: {
                /** @description What was done: `login`, `agent_restart`, … */
                action: string;
                /** @description The actor's name at that time. */
                actor: string;
                /** @description The actor's id. */
                actor_id?: string | null;
                /** @description What kind of actor. */
                actor_kind: components["schemas"]["ActorKind"];
                /** @description Where it came from. */
                address?: string | null;
                /**
                 * Format: date-time
                 * @description When.
                 */
                at: string;
                /** @description What happened, in ours. */
                detail: string;
                /**
                 * Format: int64
                 * @description How long it took.
                 */
                duration_ms?: number | null;
                /** @description SHA-256 over the hash before it and the entry, in hex: a link of the chain. */
                hash: string;
                /** @description Stable id; sorts by time. */
                id: string;
                /** @description Why, in the actor's words. */
                reason: string;
                /** @description Correlation id. */
                request_id: string;
                /** @description Its name at that time. */
                resource?: string | null;
                /** @description On which thing. */
                resource_id?: string | null;
                /** @description On what kind of thing. */
                resource_kind?: string | null;
                /** @description How it ended. */
                result: components["schemas"]["AuditResult"];
                /**
                 * Format: int64
                 * @description Its place in the trail: 1, 2, 3, … without a gap.
                 */
                sequence: number;
                /** @description What the actor showed to be let in: `session:ID` or `token:ID`. */
                via?: string | null;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Checkpoint: {
            /** @description The items of this page. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was signed.
                 */
                at: string;
                /**
                 * Format: int64
                 * @description How many entries were kept then.
                 */
                count: number;
                /**
                 * Format: int64
                 * @description The first entry that was found to be bad before this was signed.
                 */
                first_bad?: number | null;
                /**
                 * Format: int64
                 * @description The oldest entry kept then.
                 */
                first_sequence: number;
                /** @description That entry's hash, in hex. */
                hash: string;
                /** @description Which key signed it. */
                key_id: string;
                /**
                 * Format: int64
                 * @description 1, 2, 3, … without a gap.
                 */
                number: number;
                /** @description SHA-256 of the checkpoint before it, in hex. */
                previous: string;
                /**
                 * Format: int64
                 * @description The newest entry it covers.
                 */
                sequence: number;
                /** @description Ed25519, in base64. */
                signature: string;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Cluster: {
            /** @description The items of this page. */
            items: {
                /** @description The agent that it is reached through. */
                agent: components["schemas"]["ClusterAgent"];
                /**
                 * Format: date-time
                 * @description When an agent first said that it looks after it.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When the agent last said how the cluster is.
                 */
                last_seen_at: string;
                /** @description Its name. */
                name: string;
                nodes?: components["schemas"]["Ready"] | null;
                /**
                 * Format: int64
                 * @description Requests that went through central in the last minute.
                 */
                requests_per_minute: number;
                /** @description Whether it can be used. */
                status: components["schemas"]["ClusterStatus"];
                /** @description Why its API server does not answer its agent. */
                trouble?: string | null;
                /** @description Its API server's version: `v1.34.1`; absent while it has never answered. */
                version?: string | null;
                /** @description What should run in it; kinds that the agent may not count are left out. */
                workloads: components["schemas"]["Workloads"][];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Command: {
            /** @description The items of this page. */
            items: {
                /** @description What was asked. */
                action: components["schemas"]["CommandAction"];
                /** @description Who asked. */
                actor: string;
                /**
                 * Format: uuid
                 * @description To which agent.
                 */
                agent_id: string;
                /** @description The agent's name when it was sent. */
                agent_name: string;
                /**
                 * Format: date-time
                 * @description When it was asked.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it counts as timed out.
                 */
                deadline: string;
                /**
                 * Format: date-time
                 * @description When it ended.
                 */
                finished_at?: string | null;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /** @description The latest progress in words. */
                progress: string;
                /** @description Why. */
                reason: string;
                /** @description Correlation id. */
                request_id: string;
                /** @description The result or the error in words. */
                result: string;
                /** @description Where it is. */
                state: components["schemas"]["CommandState"];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Identity: {
            /** @description The items of this page. */
            items: {
                /** @description The address the provider gave last. */
                email?: string | null;
                /**
                 * Format: date-time
                 * @description The last login by it.
                 */
                last_login_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it was linked.
                 */
                linked_at: string;
                /** @description The provider's name. */
                provider: string;
                /** @description Who one is there. */
                subject: string;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Invite: {
            /** @description The items of this page. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description Who made it. */
                created_by: string;
                /** @description Whom it is for. */
                email?: string | null;
                /**
                 * Format: date-time
                 * @description When it ends by itself.
                 */
                expires_at: string;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /** @description What it is for. */
                note: string;
                /**
                 * Format: date-time
                 * @description When it was revoked.
                 */
                revoked_at?: string | null;
                /** @description The role of the account to be. */
                role: string;
                /** @description How it stands. */
                state: components["schemas"]["InviteState"];
                /**
                 * Format: date-time
                 * @description When it was used.
                 */
                used_at?: string | null;
                /** @description The account that was made with it. */
                used_by?: string | null;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_JoinToken: {
            /** @description The items of this page. */
            items: {
                /** @description Whether it admits agents with an API key. */
                allow_api_key: boolean;
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description Who made it. */
                created_by: string;
                /**
                 * Format: date-time
                 * @description When it ends.
                 */
                expires_at: string;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                kind?: components["schemas"]["AgentKind"] | null;
                /** @description From where. */
                last_used_address?: string | null;
                /**
                 * Format: date-time
                 * @description When an agent last joined with it.
                 */
                last_used_at?: string | null;
                /** @description How its secret begins, to recognise it by. */
                prefix?: string;
                /**
                 * Format: date-time
                 * @description When it was revoked.
                 */
                revoked_at?: string | null;
                /** @description Tags its agents get. */
                tags: string[];
                /**
                 * Format: int32
                 * @description How many it admitted.
                 */
                used: number;
                /**
                 * Format: int32
                 * @description How many agents it admits.
                 */
                uses: number;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Login: {
            /** @description The items of this page. */
            items: {
                /** @description From where. */
                address: string;
                /**
                 * Format: date-time
                 * @description When.
                 */
                at: string;
                /** @description The `User-Agent`. */
                device: string;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /** @description How it was tried: `password`, `passkey`, `oidc:NAME`, `setup` or `invite`. */
                method: string;
                /** @description How it ended. */
                result: components["schemas"]["LoginResult"];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Provider: {
            /** @description The items of this page. */
            items: {
                /** @description The address to register at the provider for back-channel logout. */
                backchannel_logout_uri: string;
                /** @description Certificates (PEM) trusted for this provider beside the system's. */
                ca_pem?: string | null;
                /** @description What we are called there. */
                client_id: string;
                /**
                 * Format: date-time
                 * @description When it was added.
                 */
                created_at: string;
                /** @description The role when no rule fits; without one, they are refused. */
                default_role?: string | null;
                /** @description Whether people can log in by it. */
                enabled: boolean;
                /** @description Where Microsoft Graph is, when not at `https://graph.microsoft.com`. */
                graph_url?: string | null;
                /** @description The claim with the groups; a nested one with dots: `realm_access.roles`. */
                groups_claim: string;
                /** @description Whether a client secret is kept. */
                has_secret: boolean;
                /** @description The issuer, exactly as its discovery document says it. */
                issuer: string;
                /** @description Which product it is. */
                kind: components["schemas"]["ProviderKind"];
                /** @description What the button says after "Sign in with". */
                label: string;
                /** @description Its name, in the addresses of its routes. */
                name: string;
                /** @description What happens to somebody who is unknown here. */
                provisioning: components["schemas"]["Provisioning"];
                /** @description The address to register at the provider as the redirect URI. */
                redirect_uri: string;
                /** @description Who gets which role: the first rule that fits decides. */
                role_rules: components["schemas"]["RoleRule"][];
                /** @description What is asked for. */
                scopes: string[];
                /** @description Who answers for the second factor of roles that need one. */
                second_factor: components["schemas"]["FactorTrust"];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Recording: {
            /** @description The items of this page. */
            items: {
                /**
                 * Format: int64
                 * @description Bytes that passed in the streams that are recorded; noted every 20 seconds while it goes on.
                 */
                bytes: number;
                /** @description The cluster's name. */
                cluster: string;
                /**
                 * Format: int32
                 * @description The terminal's width at the beginning.
                 */
                cols: number;
                /** @description What was run; empty where a running program was attached to. */
                command: string[];
                /** @description The container; empty when the request left it to the API server. */
                container: string;
                /**
                 * Format: date-time
                 * @description When it ended; `null` while it goes on.
                 */
                ended_at?: string | null;
                ending?: components["schemas"]["RecordingEnding"] | null;
                /**
                 * Format: int32
                 * @description The program's exit code, where it was told.
                 */
                exit_code?: number | null;
                /** @description Stable id. */
                id: string;
                /** @description `kubectl_exec`: `exec` or `attach` of a Kubernetes API. */
                kind: components["schemas"]["RecordingKind"];
                /** @description The namespace. */
                namespace: string;
                /** @description The pod. */
                pod: string;
                /** @description The request, as the audit trail knows it. */
                request_id: string;
                /**
                 * Format: int32
                 * @description The terminal's height at the beginning.
                 */
                rows: number;
                /**
                 * Format: date-time
                 * @description When it began.
                 */
                started_at: string;
                /** @description Whether more passed than is kept of one recording. */
                truncated: boolean;
                /** @description Whether it had a terminal. */
                tty: boolean;
                /** @description Whose session it was, by name. */
                user: string;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Role: {
            /** @description The items of this page. */
            items: {
                /**
                 * Format: int64
                 * @description How many times it is given now, beside the users whose own role it is.
                 */
                assignments: number;
                /** @description Whether it is part of the program; such a role never changes. */
                built_in: boolean;
                /** @description Whether the Cedar text was written by hand and counts instead of `rules`. */
                by_hand: boolean;
                /** @description Its rules as Cedar text, made from `rules` unless `by_hand`. */
                cedar: string;
                /** @description What it is for. */
                description: string;
                /** @description Its name: a lower-case letter, then up to 39 lower-case letters, digits and dashes. */
                name: string;
                /** @description Its rules; empty when they were written in Cedar by hand. */
                rules: components["schemas"]["Rule"][];
                /** @description Whether who has it proves anew who they are before what can hurt. */
                step_up: boolean;
                /** @description Its name for people. */
                title: string;
                /**
                 * Format: date-time
                 * @description When it was last changed.
                 */
                updated_at?: string | null;
                /** @description Who changed it last. */
                updated_by?: string | null;
                /**
                 * Format: int64
                 * @description How many users have it as their own role.
                 */
                users: number;
                /**
                 * Format: int64
                 * @description Counts its changes; 0 for a built-in role.
                 */
                version: number;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_RoleAssignment: {
            /** @description The items of this page. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was given.
                 */
                created_at: string;
                /** @description Who gave it. */
                created_by: string;
                /**
                 * Format: date-time
                 * @description When it ends by itself; absent: not.
                 */
                expires_at?: string | null;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /** @description Why. */
                reason: string;
                /** @description Which role. */
                role: string;
                /** @description To whom. */
                subject: components["schemas"]["Subject"];
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Session: {
            /** @description The items of this page. */
            items: {
                /** @description The address it came from. */
                address: string;
                /**
                 * Format: date-time
                 * @description When it began.
                 */
                created_at: string;
                /** @description Whether it is the one that asks. */
                current: boolean;
                /** @description The `User-Agent` of the login. */
                device: string;
                /**
                 * Format: date-time
                 * @description When it ends unless it is used.
                 */
                expires_at: string;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /**
                 * Format: date-time
                 * @description When it was last refreshed.
                 */
                last_used_at: string;
                /** @description How it began: `password`, `passkey`, `oidc:NAME`, `setup` or `invite`. */
                method: string;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_Token: {
            /** @description The items of this page. */
            items: {
                /** @description The latest addresses it was used from; only where one token is asked for. */
                addresses?: components["schemas"]["TokenAddress"][];
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description Who made it. */
                created_by: string;
                /**
                 * Format: date-time
                 * @description When it ends.
                 */
                expires_at?: string | null;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /** @description Whose it is. */
                kind: components["schemas"]["TokenKind"];
                /** @description From where. */
                last_used_address?: string | null;
                /**
                 * Format: date-time
                 * @description When it was last used; other servers' uses show within half a minute.
                 */
                last_used_at?: string | null;
                /** @description What people call it. */
                name: string;
                /**
                 * Format: date-time
                 * @description Until when the secret before that works.
                 */
                old_until?: string | null;
                /** @description Login name of its owner; absent for a service token. */
                owner?: string | null;
                /** @description How its secret begins, to recognise it by. */
                prefix: string;
                /**
                 * Format: date-time
                 * @description When it was revoked.
                 */
                revoked_at?: string | null;
                /** @description The roles a service token was made with; others may be assigned to it. */
                roles: string[];
                /**
                 * Format: date-time
                 * @description When it last got a new secret.
                 */
                rotated_at?: string | null;
                /** @description What it is limited to. */
                scopes: string[];
                /** @description How it stands. */
                state: components["schemas"]["TokenState"];
                /**
                 * Format: int64
                 * @description How often it was used.
                 */
                uses: number;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /** @description One page of a list. */
        List_User: {
            /** @description The items of this page. */
            items: {
                /** @description Whether the user can log in. */
                active: boolean;
                /**
                 * Format: date-time
                 * @description When the account was made.
                 */
                created_at: string;
                /** @description The name people see; empty when only the login name is known. */
                display_name: string;
                /** @description Where the person's mail goes. */
                email?: string | null;
                /** @description Whether the person proved that the address is theirs. */
                email_verified: boolean;
                /**
                 * Format: uuid
                 * @description Stable id.
                 */
                id: string;
                /**
                 * Format: date-time
                 * @description Last request, to the minute.
                 */
                last_active_at?: string | null;
                /**
                 * Format: date-time
                 * @description When a session last began.
                 */
                last_login_at?: string | null;
                /**
                 * Format: date-time
                 * @description Until when strangers are held up who try to log in as this user; the user's own devices are not.
                 */
                locked_until?: string | null;
                /** @description Identity providers that are linked, by name. */
                providers: string[];
                /** @description The role the user always has: `admin`, `operator`, `developer`, `viewer`, or one that was made. */
                role: string;
                /** @description Whether a second factor is set up. */
                second_factor: boolean;
                /** @description Login name. */
                username: string;
            }[];
            /** @description Pass as `cursor` for the next page; absent on the last. */
            next_cursor?: string | null;
            /**
             * Format: int64
             * @description How many items match in all.
             */
            total: number;
        };
        /**
         * @description How serious a log line is.
         * @enum {string}
         */
        LogLevel: "trace" | "debug" | "info" | "warn" | "error";
        /** @description One line of a log. With `follow`, the answer is `application/x-ndjson`, one of these a line. */
        LogLine: {
            /**
             * Format: date-time
             * @description When it was written.
             */
            at: string;
            /** @description How serious. */
            level: components["schemas"]["LogLevel"];
            /** @description The text. */
            message: string;
            /**
             * Format: int64
             * @description Place in this log; grows.
             */
            seq: number;
            /** @description From where: `stdout`, `stderr`, `journal`, or a file's path. */
            source: string;
        };
        /** @description Lines of a log, oldest first. */
        LogLines: {
            /** @description The lines. */
            items: components["schemas"]["LogLine"][];
            /** @description Whether older lines that match exist: ask again with `before` set to the first line's `seq`. */
            more: boolean;
        };
        /** @description Where to go after logging out here, to be logged out at the provider too. */
        LoggedOut: {
            /** @description An address of the provider. */
            redirect?: string | null;
        };
        /** @description A try to log in as the caller. */
        Login: {
            /** @description From where. */
            address: string;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description The `User-Agent`. */
            device: string;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description How it was tried: `password`, `passkey`, `oidc:NAME`, `setup` or `invite`. */
            method: string;
            /** @description How it ended. */
            result: components["schemas"]["LoginResult"];
        };
        /** @description A successful login or refresh. The refresh token comes as the cookie `__Host-mc_refresh`, the access token also as `__Host-mc_access`. */
        LoginAnswer: {
            /** @description Signed access token (JWT, RS256), for `Authorization: Bearer`. */
            access_token: string;
            /**
             * Format: int64
             * @description Seconds until the access token ends.
             */
            expires_in: number;
            /** @description Always `Bearer`. */
            token_type: string;
            /** @description Who logged in. */
            user: components["schemas"]["Me"];
        };
        /** @description Credentials. */
        LoginRequest: {
            /**
             * Format: password
             * @description Password.
             */
            password: string;
            /** @description Login name. */
            username: string;
        };
        /**
         * @description How a try to log in ended.
         * @enum {string}
         */
        LoginResult: "ok" | "wrong_password" | "wrong_factor" | "disabled";
        /** @description The caller: a user, by login or by a token of theirs, or a service. */
        Me: {
            /** @description The actions that the roles allow (and the token's scopes), by name (`agent_restart`, …), so that a page can disable the others with a reason. */
            allowed: string[];
            /**
             * Format: date-time
             * @description When the account or the service token was made.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description Stable id: of the account, or of the service token.
             */
            id: string;
            /** @description `user`, or `service` for a service token. */
            kind: components["schemas"]["ActorKind"];
            /** @description The role the account always has; absent for a service, which has no account. */
            role?: string | null;
            /** @description Every role in force now. */
            roles: string[];
            /**
             * Format: uuid
             * @description This login; absent for a token.
             */
            session_id?: string | null;
            token?: components["schemas"]["MeToken"] | null;
            /** @description Login name, or the name of the service token. */
            username: string;
        };
        /** @description A new password for oneself. */
        MePassword: {
            /**
             * Format: password
             * @description The password until now.
             */
            current: string;
            /**
             * Format: password
             * @description The password from now on, at least 12 characters.
             */
            new: string;
        };
        /** @description What the caller has set up. */
        MeSecondFactor: {
            /** @description Passkeys, oldest first. */
            passkeys: components["schemas"]["Passkey"][];
            /** @description Whether browsers make passkeys for this server's address. They make none for IP addresses: `http.public_url` must name a host. */
            passkeys_possible: boolean;
            /**
             * Format: int32
             * @description Recovery codes not used yet.
             */
            recovery_codes_left: number;
            /** @description Whether one of the caller's roles demands a second factor. */
            required: boolean;
            /** @description Whether an authenticator app is set up. */
            totp: boolean;
        };
        /** @description The API token somebody showed. */
        MeToken: {
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /** @description Changes to one's own profile; absent fields stay. */
        MeUpdate: {
            /** @description The name people see; empty removes it. */
            display_name?: string | null;
            /** @description Where mail goes; empty removes it. Another address is to be verified again. */
            email?: string | null;
        };
        /** @description One metric over a span. */
        MetricSeries: {
            /** @description The metric: `cpu_percent`, `memory_used_bytes`, … */
            name: string;
            /** @description Its points, oldest first: `[unix milliseconds, minimum, average, maximum]`. */
            points: number[][];
            /** @description Its unit: `%`, `B`, `B/s`, `s`, or empty. */
            unit: string;
        };
        /** @description Metrics of an agent over a span. */
        Metrics: {
            /**
             * Format: date-time
             * @description The span's beginning.
             */
            from: string;
            /** @description One for each metric that has points. */
            series: components["schemas"]["MetricSeries"][];
            /**
             * Format: int64
             * @description Seconds between points.
             */
            step_seconds: number;
            /**
             * Format: date-time
             * @description The span's end.
             */
            to: string;
        };
        /** @description Proof that an account here and one at a provider are the same person's. */
        OidcLink: {
            /**
             * Format: password
             * @description The password of the account here.
             */
            password: string;
            /** @description The ticket from `/login/link#ticket=…`. */
            ticket: string;
        };
        /** @description A certificate authority that was replaced. */
        OldAuthority: {
            /**
             * Format: date-time
             * @description Until when agents may show certificates of it.
             */
            agents_until: string;
            /** @description Hash of its certificate. */
            pin: string;
            /**
             * Format: date-time
             * @description When it was replaced.
             */
            replaced_at: string;
        };
        /** @description Everything the first view shows. */
        Overview: {
            /** @description Actions asked for since midnight UTC. */
            actions_today: components["schemas"]["ActionCounts"];
            /** @description What is wrong, worst and longest first; at most 50. */
            attention: components["schemas"]["Agent"][];
            /** @description Busiest by CPU; at most 8. */
            busiest: components["schemas"]["Agent"][];
            /** @description The fleet now. */
            fleet: components["schemas"]["FleetCounts"];
            /** @description The fleet over the last 24 hours, oldest first, a point every 5 minutes at most. */
            history: components["schemas"]["FleetPoint"][];
            /** @description What happened lately to agents, newest first; at most 20. */
            recent: components["schemas"]["RecentActivity"][];
        };
        /** @description A passkey. */
        Passkey: {
            /**
             * Format: date-time
             * @description When it was added.
             */
            created_at: string;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was shown last.
             */
            last_used_at?: string | null;
            /** @description What its owner calls it. */
            name: string;
        };
        /** @description A new passkey. */
        PasskeyAdd: {
            /** @description The challenge. */
            challenge: string;
            /** @description What the browser answered, as its `toJSON()` writes it. */
            credential: Record<string, never>;
            /** @description Which device it is, in its owner's words. */
            name: string;
        };
        /** @description What to ask a browser. */
        PasskeyAsked: {
            /** @description Send it back with the browser's answer, within five minutes. */
            challenge: string;
            /** @description `PublicKeyCredentialCreationOptionsJSON` or `…RequestOptionsJSON`, for the browser's `parse…OptionsFromJSON`. */
            options: Record<string, never>;
        };
        /** @description A login by passkey alone. */
        PasskeyLogin: {
            /** @description The challenge. */
            challenge: string;
            /** @description What the browser answered, as its `toJSON()` writes it. */
            credential: Record<string, never>;
        };
        /** @description Another name for a passkey. */
        PasskeyRename: {
            /** @description The name. */
            name: string;
        };
        /** @description Somebody forgot their password. */
        PasswordForgot: {
            /** @description The address of the account. */
            email: string;
        };
        /** @description What becomes of it: the same whether or not anybody has the address. */
        PasswordForgotAnswer: {
            /** @description Whether this server sends mail at all. If not, an admin can make a link. */
            mail: boolean;
        };
        /** @description A password to be judged while it is typed. */
        PasswordJudge: {
            /**
             * Format: password
             * @description The password, at most 1024 bytes.
             */
            password: string;
            /** @description For whom. */
            username?: string | null;
        };
        /** @description What is thought of a password. */
        PasswordJudgement: {
            problem?: components["schemas"]["WeakPassword"] | null;
            /**
             * Format: int32
             * @description From 0 (guessed at once) to 4 (not in this life).
             */
            score: number;
            /** @description The same in words. */
            text?: string | null;
        };
        /** @description A new password by a link. */
        PasswordReset: {
            /**
             * Format: password
             * @description The new password, at least 12 characters.
             */
            password: string;
            /** @description From the link (`/reset#token=…`). */
            token: string;
        };
        /** @description What would have been different. */
        PastAnswer: {
            /**
             * Format: int64
             * @description How many entries were looked at.
             */
            checked: number;
            /** @description Those that the change would have decided otherwise, newest first. They are judged by today's users and agents. */
            items: components["schemas"]["PastItem"][];
        };
        /** @description A past action that would be decided otherwise. */
        PastItem: {
            /** @description Whether it would be with the change. */
            after: boolean;
            /** @description Whether it is allowed as the roles are now. */
            before: boolean;
            /** @description What was done. */
            entry: components["schemas"]["AuditEntry"];
            /** @description The rule that would decide with the change. */
            rule: string;
        };
        /** @description How the page looks and opens for the caller. What is left out is as by default. */
        Preferences: {
            /**
             * @description The one colour for what can be acted on.
             * @default blue
             */
            accent?: components["schemas"]["Accent"];
            /**
             * @description Whether things move; `system` follows the machine's wish.
             * @default system
             */
            animations?: components["schemas"]["Animations"];
            /**
             * Format: int32
             * @description Size of text in pixels.
             * @default 14
             */
            font_size?: number;
            /**
             * Format: int32
             * @description Roundness of corners in pixels.
             * @default 6
             */
            radius?: number;
            /**
             * @description How the rail on the left begins.
             * @default expanded
             */
            sidebar?: components["schemas"]["Sidebar"];
            /**
             * @description Light, dark, or what the machine prefers.
             * @default system
             */
            theme?: components["schemas"]["Theme"];
            /**
             * @description A name of the IANA database (`Europe/Berlin`); absent is the browser's.
             * @default null
             */
            time_zone?: string | null;
            /**
             * @description Default filters and saved views: a page's name and the query it opens with; at most 50.
             * @default {}
             */
            views?: {
                [key: string]: string;
            };
        };
        /** @description What went wrong and what to do about it. Content type `application/problem+json`. */
        Problem: {
            /**
             * @description Stable word for programs: `not_found`, `denied`, `invalid`, `conflict`, `unauthenticated`, `rate_limited`, `unavailable`,
             *     `too_large`, `internal`, or a more exact one such as `name_taken`, `agent_offline`, `setup_needed`.
             */
            code: string;
            /** @description What happened here, and what to do. */
            detail: string;
            /** @description Correlation id; the audit trail and the server's log carry it too. */
            request_id: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The code in words. */
            title: string;
        };
        /** @description The caller's own account. */
        Profile: {
            /**
             * Format: date-time
             * @description When the account was made.
             */
            created_at: string;
            /** @description The name people see. */
            display_name: string;
            /** @description Where the person's mail goes. */
            email?: string | null;
            /** @description Whether the person proved that the address is theirs. */
            email_verified: boolean;
            /** @description Whether there is a password. */
            has_password: boolean;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /**
             * Format: date-time
             * @description When a session last began.
             */
            last_login_at?: string | null;
            /**
             * Format: date-time
             * @description When the password was set.
             */
            password_set_at?: string | null;
            /** @description Identity providers that are linked, by name. */
            providers: string[];
            /** @description The role the account always has. */
            role: string;
            /** @description All roles in force, with where each comes from. */
            roles: components["schemas"]["HeldRole"][];
            /** @description Whether a second factor is set up. */
            second_factor: boolean;
            /** @description Login name. */
            username: string;
        };
        /** @description An identity provider. Its client secret is never shown. */
        Provider: {
            /** @description The address to register at the provider for back-channel logout. */
            backchannel_logout_uri: string;
            /** @description Certificates (PEM) trusted for this provider beside the system's. */
            ca_pem?: string | null;
            /** @description What we are called there. */
            client_id: string;
            /**
             * Format: date-time
             * @description When it was added.
             */
            created_at: string;
            /** @description The role when no rule fits; without one, they are refused. */
            default_role?: string | null;
            /** @description Whether people can log in by it. */
            enabled: boolean;
            /** @description Where Microsoft Graph is, when not at `https://graph.microsoft.com`. */
            graph_url?: string | null;
            /** @description The claim with the groups; a nested one with dots: `realm_access.roles`. */
            groups_claim: string;
            /** @description Whether a client secret is kept. */
            has_secret: boolean;
            /** @description The issuer, exactly as its discovery document says it. */
            issuer: string;
            /** @description Which product it is. */
            kind: components["schemas"]["ProviderKind"];
            /** @description What the button says after "Sign in with". */
            label: string;
            /** @description Its name, in the addresses of its routes. */
            name: string;
            /** @description What happens to somebody who is unknown here. */
            provisioning: components["schemas"]["Provisioning"];
            /** @description The address to register at the provider as the redirect URI. */
            redirect_uri: string;
            /** @description Who gets which role: the first rule that fits decides. */
            role_rules: components["schemas"]["RoleRule"][];
            /** @description What is asked for. */
            scopes: string[];
            /** @description Who answers for the second factor of roles that need one. */
            second_factor: components["schemas"]["FactorTrust"];
        };
        /** @description One provider on the login page. Its button leads to `/api/v1/auth/oidc/{name}/start?return_to=/path`. */
        ProviderButton: {
            /** @description Which product it is. */
            kind: components["schemas"]["ProviderKind"];
            /** @description What the button says after "Sign in with". */
            label: string;
            /** @description Its name. */
            name: string;
        };
        /** @description The ways to log in. */
        ProviderButtons: {
            /** @description Providers that people can log in by, in the order of their names. */
            items: components["schemas"]["ProviderButton"][];
            /** @description Whether a user name and a password work: always. */
            password: boolean;
        };
        /** @description What a provider answered when it was tried. */
        ProviderCheck: {
            /** @description Where it is asked for what. */
            endpoints: components["schemas"]["ProviderEndpoint"][];
            /** @description The issuer as its discovery document says it; absent when it did not answer. */
            issuer?: string | null;
            /** @description What will not work, and what to do; empty when all is well. */
            problems: string[];
        };
        /** @description One address of a provider. */
        ProviderEndpoint: {
            /** @description What it is for: `authorization`, `token`, `userinfo`, `keys`, `end_session`. */
            name: string;
            /** @description Where it is. */
            url: string;
        };
        /** @description A new provider, or a changed one: what is left out takes its default, but a secret that is left out stays as it is. */
        ProviderForm: {
            /** @description Certificates (PEM) trusted for this provider beside the system's; null or left out: none. */
            ca_pem?: string | null;
            /** @description What we are called there. */
            client_id: string;
            /**
             * Format: password
             * @description The client secret; left out when it is public, or stays as it is. An empty one is removed.
             */
            client_secret?: string | null;
            /** @description The role when no rule fits; without one, they are refused. */
            default_role?: string | null;
            /** @description Whether people can log in by it. */
            enabled?: boolean;
            /** @description Where Microsoft Graph is; null or left out: at `https://graph.microsoft.com`. */
            graph_url?: string | null;
            /** @description The claim with the groups; left out: `groups`. */
            groups_claim?: string;
            /** @description The issuer, exactly as its discovery document says it. */
            issuer: string;
            /** @description Which product it is. */
            kind?: components["schemas"]["ProviderKind"];
            /** @description What the button says after "Sign in with". */
            label: string;
            /** @description Its name: 1 to 30 of a-z, 0-9 and '-'. It cannot be changed. */
            name: string;
            /** @description What happens to somebody who is unknown here. */
            provisioning?: components["schemas"]["Provisioning"];
            /** @description Who gets which role: the first rule that fits decides. */
            role_rules?: components["schemas"]["RoleRule"][];
            /** @description What is asked for; left out: `openid`, `profile`, `email`, and `offline_access` where the provider offers it. */
            scopes?: string[];
            /** @description Who answers for the second factor of roles that need one. */
            second_factor?: components["schemas"]["FactorTrust"];
        };
        /**
         * @description Which product an identity provider is.
         * @enum {string}
         */
        ProviderKind: "entra" | "keycloak" | "authentik" | "generic";
        /**
         * @description What happens to somebody who is unknown here: an account is made, or only accounts that exist can be linked.
         * @enum {string}
         */
        Provisioning: "create" | "link";
        /** @description How many of how many are as they should be. */
        Ready: {
            /**
             * Format: int32
             * @description All of them.
             */
            all: number;
            /**
             * Format: int32
             * @description Those that are.
             */
            ready: number;
        };
        /** @description Something that happened, with the agent it happened to. */
        RecentActivity: components["schemas"]["Activity"] & {
            /** @description The agent's id. */
            agent_id?: string | null;
            /** @description The agent's name at that time. */
            agent_name?: string | null;
        };
        /** @description A recorded session. */
        Recording: {
            /**
             * Format: int64
             * @description Bytes that passed in the streams that are recorded; noted every 20 seconds while it goes on.
             */
            bytes: number;
            /** @description The cluster's name. */
            cluster: string;
            /**
             * Format: int32
             * @description The terminal's width at the beginning.
             */
            cols: number;
            /** @description What was run; empty where a running program was attached to. */
            command: string[];
            /** @description The container; empty when the request left it to the API server. */
            container: string;
            /**
             * Format: date-time
             * @description When it ended; `null` while it goes on.
             */
            ended_at?: string | null;
            ending?: components["schemas"]["RecordingEnding"] | null;
            /**
             * Format: int32
             * @description The program's exit code, where it was told.
             */
            exit_code?: number | null;
            /** @description Stable id. */
            id: string;
            /** @description `kubectl_exec`: `exec` or `attach` of a Kubernetes API. */
            kind: components["schemas"]["RecordingKind"];
            /** @description The namespace. */
            namespace: string;
            /** @description The pod. */
            pod: string;
            /** @description The request, as the audit trail knows it. */
            request_id: string;
            /**
             * Format: int32
             * @description The terminal's height at the beginning.
             */
            rows: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            started_at: string;
            /** @description Whether more passed than is kept of one recording. */
            truncated: boolean;
            /** @description Whether it had a terminal. */
            tty: boolean;
            /** @description Whose session it was, by name. */
            user: string;
        };
        /**
         * @description Why a recording ended.
         * @enum {string}
         */
        RecordingEnding: "closed" | "unreadable" | "not_stored" | "stopped" | "unknown";
        /**
         * @description What was recorded.
         * @enum {string}
         */
        RecordingKind: "kubectl_exec";
        /** @description Recovery codes, shown this once. Each opens the account once when the second factor is lost. */
        RecoveryCodes: {
            /** @description Ten codes. Case and dashes do not matter. */
            recovery_codes: string[];
        };
        /** @description Who asks for access. */
        Requester: {
            /**
             * Format: uuid
             * @description The user's id.
             */
            id: string;
            /** @description Login name. */
            username: string;
        };
        /** @description A link with which a user sets a new password. It works once; a newer one ends it. */
        ResetLink: {
            /**
             * Format: date-time
             * @description When it ends by itself.
             */
            expires_at: string;
            /** @description Where it leads. */
            url: string;
        };
        /** @description A role with what it allows. */
        Role: {
            /**
             * Format: int64
             * @description How many times it is given now, beside the users whose own role it is.
             */
            assignments: number;
            /** @description Whether it is part of the program; such a role never changes. */
            built_in: boolean;
            /** @description Whether the Cedar text was written by hand and counts instead of `rules`. */
            by_hand: boolean;
            /** @description Its rules as Cedar text, made from `rules` unless `by_hand`. */
            cedar: string;
            /** @description What it is for. */
            description: string;
            /** @description Its name: a lower-case letter, then up to 39 lower-case letters, digits and dashes. */
            name: string;
            /** @description Its rules; empty when they were written in Cedar by hand. */
            rules: components["schemas"]["Rule"][];
            /** @description Whether who has it proves anew who they are before what can hurt. */
            step_up: boolean;
            /** @description Its name for people. */
            title: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at?: string | null;
            /** @description Who changed it last. */
            updated_by?: string | null;
            /**
             * Format: int64
             * @description How many users have it as their own role.
             */
            users: number;
            /**
             * Format: int64
             * @description Counts its changes; 0 for a built-in role.
             */
            version: number;
        };
        /** @description A role given to somebody beside their own. */
        RoleAssignment: {
            /**
             * Format: date-time
             * @description When it was given.
             */
            created_at: string;
            /** @description Who gave it. */
            created_by: string;
            /**
             * Format: date-time
             * @description When it ends by itself; absent: not.
             */
            expires_at?: string | null;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description Why. */
            reason: string;
            /** @description Which role. */
            role: string;
            /** @description To whom. */
            subject: components["schemas"]["Subject"];
        };
        /** @description A role to be given. */
        RoleAssignmentCreate: {
            /**
             * Format: int64
             * @description Ends after so many seconds: 60 to a year; absent: does not end by itself.
             */
            expires_in_seconds?: number | null;
            /** @description Why; kept in the audit trail, at most 500 characters. */
            reason?: string;
            /** @description Which role. */
            role: string;
            /** @description A user's id or name, a service token's id, or a group as `provider:group`. */
            subject: string;
            /** @description What kind of subject. */
            subject_kind: components["schemas"]["SubjectKind"];
        };
        /** @description What a form means, and what is wrong with it. */
        RoleChecked: {
            /** @description The Cedar text; empty when the form cannot be read. */
            cedar: string;
            /** @description What is wrong; empty when it can be saved. */
            problems: components["schemas"]["RoleProblem"][];
        };
        /** @description A role as it is written. Deny beats allow, whatever the order; what no rule allows is refused. */
        RoleForm: {
            /** @description Cedar text instead of rules, at most 64 KiB. */
            cedar?: string | null;
            /** @description What it is for, at most 1000 characters. */
            description?: string;
            /** @description Its name; a role that exists keeps its own. */
            name: string;
            /** @description Its rules, at most 64. */
            rules?: components["schemas"]["Rule"][];
            /** @description Whether who has it proves anew who they are before what can hurt. */
            step_up?: boolean;
            /** @description Its name for people, at most 80 characters. */
            title?: string;
            /**
             * Format: int64
             * @description `version` of the role this is a change of: the change is refused when somebody else was faster.
             */
            version?: number | null;
        };
        /** @description One thing that is wrong with a form. */
        RoleProblem: {
            /** @description Where: `rules[1].agents.tags[0]`, `cedar:3:7`, `title`. */
            at: string;
            /** @description What, and what would be right. */
            text: string;
        };
        /** @description Who gets which role. */
        RoleRule: {
            /** @description The claim to look at; without one, the groups. */
            claim?: string | null;
            /** @description The role then. */
            role: string;
            /** @description What one of its values must look like; `*` stands for anything. */
            value: string;
        };
        /** @description What one role says of an action. */
        RoleSays: {
            /** @description Which of its rules, in words. */
            because: string;
            effect?: components["schemas"]["Effect"] | null;
            /** @description Which role. */
            role: string;
        };
        /**
         * @description One rule. With `agents` or `kubernetes` it is about such things only; without either, about everything its actions are done to. In every
         *     pattern `*` stands for any number of characters; a list fits when one of its patterns does, an empty or absent one fits any.
         */
        Rule: {
            /** @description Patterns over the names of actions: `agent_*`, `*_list`, `*`. */
            actions: string[];
            agents?: components["schemas"]["AgentSelector"] | null;
            /** @description Allow or deny. */
            effect: components["schemas"]["Effect"];
            kubernetes?: components["schemas"]["KubernetesSelector"] | null;
        };
        /** @description The password was right; more is asked for. */
        SecondFactor: {
            /** @description Send it back with the answer. It ends after `expires_in`, after five wrong answers, and with the right one. */
            challenge: string;
            /**
             * @description True when a role demands a second factor and none is set up: ask for a seed at `/auth/second-factor/enrol`, then answer with its
             *     first `code`.
             */
            enrol: boolean;
            /**
             * Format: int64
             * @description Seconds there are to answer.
             */
            expires_in: number;
            /** @description What can be shown. */
            methods: components["schemas"]["FactorMethod"][];
            /** @description `PublicKeyCredentialRequestOptionsJSON`, when a passkey can be shown. */
            passkey?: Record<string, never> | null;
        };
        /** @description The answer to a challenge: exactly one of `code`, `recovery_code` and `passkey`. */
        SecondFactorAnswer: {
            /** @description The challenge. */
            challenge: string;
            /**
             * Format: password
             * @description Six digits of an authenticator app.
             */
            code?: string | null;
            /** @description What the browser answered, as its `toJSON()` writes it. */
            passkey?: Record<string, never> | null;
            /**
             * Format: password
             * @description A recovery code; it is spent.
             */
            recovery_code?: string | null;
        };
        /** @description A login that came through its second step. */
        SecondFactorDone: components["schemas"]["LoginAnswer"] & {
            /** @description New recovery codes, shown this once, when an authenticator app was set up on the way. */
            recovery_codes?: string[] | null;
        };
        /** @description A login on one device. */
        Session: {
            /** @description The address it came from. */
            address: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            created_at: string;
            /** @description Whether it is the one that asks. */
            current: boolean;
            /** @description The `User-Agent` of the login. */
            device: string;
            /**
             * Format: date-time
             * @description When it ends unless it is used.
             */
            expires_at: string;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /**
             * Format: date-time
             * @description When it was last refreshed.
             */
            last_used_at: string;
            /** @description How it began: `password`, `passkey`, `oidc:NAME`, `setup` or `invite`. */
            method: string;
        };
        /** @description The first user, made with the one-time token of the set-up link. */
        SetupRequest: {
            /**
             * Format: password
             * @description Password, at least 12 characters.
             */
            password: string;
            /** @description The token from the set-up link (`/setup#token=…`). */
            token: string;
            /** @description Login name of the first admin. */
            username: string;
        };
        /** @description Whether the server still waits for its first user. */
        SetupStatus: {
            /** @description True until the first user exists. */
            needed: boolean;
        };
        /**
         * @description How the rail on the left begins.
         * @enum {string}
         */
        Sidebar: "expanded" | "collapsed";
        /** @description Which past actions would a changed role have refused? */
        SimulatePast: {
            /** @description Or a role that would be deleted. */
            deleted?: string | null;
            /**
             * Format: date-time
             * @description Not before (RFC 3339); absent: 7 days ago.
             */
            from?: string | null;
            /**
             * Format: int32
             * @description How many entries are looked at, newest first: 1 to 10000, default 1000.
             */
            limit?: number | null;
            role?: components["schemas"]["RoleForm"] | null;
        };
        /** @description What could this user do? */
        SimulateWhat: {
            /** @description The user, by id or name. */
            user: string;
        };
        /** @description Who could do this? */
        SimulateWho: {
            /** @description The action's name. */
            action: string;
            /** @description The thing, by id or name. */
            resource?: string | null;
            /** @description The kind of the thing: `agent`, `user`, …; absent: no single thing. */
            resource_kind?: string | null;
        };
        /** @description The server, for a logged-in caller. */
        Status: {
            /** @description Where agents dial. */
            agent_address: string;
            /** @description How the keeping of the audit trail stands. */
            audit: components["schemas"]["AuditState"];
            /** @description Hash of the internal CA's certificate, to pin. */
            ca_pin: string;
            /**
             * Format: int64
             * @description Streams open now.
             */
            connected_agents: number;
            /** @description `sqlite` or `postgres`. */
            database: string;
            /** @description The fleet now. */
            fleet: components["schemas"]["FleetCounts"];
            /** @description Authorities that were replaced, newest first. */
            old_authorities?: components["schemas"]["OldAuthority"][];
            /**
             * Format: date-time
             * @description When this process began.
             */
            started_at: string;
            /** @description The server's version. */
            version: string;
            /** @description What is not as it should be, in words. */
            warnings?: string[];
        };
        /** @description Proof that the person at this login is still who they say: exactly one of `password`, `code`, `recovery_code` and `passkey`. */
        StepUp: {
            /** @description The challenge a passkey answered. */
            challenge?: string | null;
            /**
             * Format: password
             * @description Six digits of an authenticator app.
             */
            code?: string | null;
            /** @description What the browser answered, as its `toJSON()` writes it. */
            passkey?: Record<string, never> | null;
            /**
             * Format: password
             * @description The password, when no second factor is set up.
             */
            password?: string | null;
            /**
             * Format: password
             * @description A recovery code; it is spent.
             */
            recovery_code?: string | null;
        };
        /** @description How the caller can prove again who they are. */
        StepUpAsked: {
            /** @description Send it back with a passkey's answer. */
            challenge?: string | null;
            /** @description What can be shown. With a second factor set up, the password is not among it. */
            methods: components["schemas"]["FactorMethod"][];
            /** @description `PublicKeyCredentialRequestOptionsJSON`, when a passkey can be shown. */
            passkey?: Record<string, never> | null;
        };
        /** @description Who has a role. */
        Subject: {
            /** @description The id of a user or token; a group's name. */
            id: string;
            /** @description What kind of subject. */
            kind: components["schemas"]["SubjectKind"];
            /** @description The name for people. */
            name: string;
        };
        /**
         * @description Who can be given a role.
         * @enum {string}
         */
        SubjectKind: "user" | "token" | "group";
        /**
         * @description Light, dark, or what the machine prefers.
         * @enum {string}
         */
        Theme: "system" | "light" | "dark";
        /** @description A token without its secret. */
        Token: {
            /** @description The latest addresses it was used from; only where one token is asked for. */
            addresses?: components["schemas"]["TokenAddress"][];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expires_at?: string | null;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description Whose it is. */
            kind: components["schemas"]["TokenKind"];
            /** @description From where. */
            last_used_address?: string | null;
            /**
             * Format: date-time
             * @description When it was last used; other servers' uses show within half a minute.
             */
            last_used_at?: string | null;
            /** @description What people call it. */
            name: string;
            /**
             * Format: date-time
             * @description Until when the secret before that works.
             */
            old_until?: string | null;
            /** @description Login name of its owner; absent for a service token. */
            owner?: string | null;
            /** @description How its secret begins, to recognise it by. */
            prefix: string;
            /**
             * Format: date-time
             * @description When it was revoked.
             */
            revoked_at?: string | null;
            /** @description The roles a service token was made with; others may be assigned to it. */
            roles: string[];
            /**
             * Format: date-time
             * @description When it last got a new secret.
             */
            rotated_at?: string | null;
            /** @description What it is limited to. */
            scopes: string[];
            /** @description How it stands. */
            state: components["schemas"]["TokenState"];
            /**
             * Format: int64
             * @description How often it was used.
             */
            uses: number;
        };
        /** @description Where a token was used from. */
        TokenAddress: {
            /** @description The address. */
            address: string;
            /**
             * Format: date-time
             * @description First use from there.
             */
            first_used_at: string;
            /**
             * Format: date-time
             * @description Last use from there.
             */
            last_used_at: string;
            /**
             * Format: int64
             * @description Uses from there.
             */
            uses: number;
        };
        /** @description A new token. */
        TokenCreate: {
            /**
             * Format: int64
             * @description Seconds it lives; default 7,776,000 (90 days), at most what the server allows (a year, unless set otherwise).
             */
            expires_in_seconds?: number | null;
            /** @description Whose it is. */
            kind: components["schemas"]["TokenKind"];
            /** @description What people call it, up to 64 characters. */
            name: string;
            /** @description The roles of a service token; a personal one has its owner's. */
            roles?: string[];
            /** @description What it is limited to: names of actions, with `*` for any part of them. `*` alone is everything its roles allow. */
            scopes: string[];
        };
        /**
         * @description Whose a token is.
         * @enum {string}
         */
        TokenKind: "personal" | "service";
        /** @description How a token is rotated. */
        TokenRotate: {
            /**
             * Format: int64
             * @description Seconds the old secret still works; 0 ends it now, default 86,400 (a day), at most 2,592,000 (30 days).
             */
            overlap_seconds?: number | null;
        };
        /** @description A token with its secret, shown this once. */
        TokenSecret: {
            /** @description The secret, for `Authorization: Bearer`: `mct_`, 43 characters, and a checksum of 6. */
            secret: string;
            /** @description The token. */
            token: components["schemas"]["Token"];
        };
        /**
         * @description How a token stands.
         * @enum {string}
         */
        TokenState: "active" | "expired" | "revoked";
        /** @description A code of an authenticator app. */
        TotpCode: {
            /**
             * Format: password
             * @description Six digits.
             */
            code: string;
        };
        /** @description What is needed to set up an authenticator app. Shown once. */
        TotpEnrolment: {
            /** @description The address as a picture to scan (SVG). */
            qr_svg: string;
            /** @description The seed in base32, to be typed. */
            secret: string;
            /** @description The same as an `otpauth:` address. */
            url: string;
        };
        /** @description A user. */
        User: {
            /** @description Whether the user can log in. */
            active: boolean;
            /**
             * Format: date-time
             * @description When the account was made.
             */
            created_at: string;
            /** @description The name people see; empty when only the login name is known. */
            display_name: string;
            /** @description Where the person's mail goes. */
            email?: string | null;
            /** @description Whether the person proved that the address is theirs. */
            email_verified: boolean;
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /**
             * Format: date-time
             * @description Last request, to the minute.
             */
            last_active_at?: string | null;
            /**
             * Format: date-time
             * @description When a session last began.
             */
            last_login_at?: string | null;
            /**
             * Format: date-time
             * @description Until when strangers are held up who try to log in as this user; the user's own devices are not.
             */
            locked_until?: string | null;
            /** @description Identity providers that are linked, by name. */
            providers: string[];
            /** @description The role the user always has: `admin`, `operator`, `developer`, `viewer`, or one that was made. */
            role: string;
            /** @description Whether a second factor is set up. */
            second_factor: boolean;
            /** @description Login name. */
            username: string;
        };
        /** @description A new user. */
        UserCreate: {
            /** @description The name people see. */
            display_name?: string;
            /** @description Where the person's mail goes; empty for nowhere. */
            email?: string;
            /** @description True makes the account without a password, and a link with which its owner sets one. */
            invite?: boolean;
            /**
             * Format: password
             * @description Password, at least 12 characters. Without one, `invite` must be true.
             */
            password?: string | null;
            /** @description The role the user always has: `admin`, `operator`, `developer`, `viewer`, or one that was made. */
            role: string;
            /** @description Login name. */
            username: string;
        };
        /** @description A user that was made. */
        UserCreated: components["schemas"]["User"] & {
            link?: components["schemas"]["ResetLink"] | null;
        };
        /** @description A user by id and name. */
        UserRef: {
            /**
             * Format: uuid
             * @description Stable id.
             */
            id: string;
            /** @description Login name. */
            username: string;
        };
        /** @description A user's role. */
        UserSetRole: {
            /** @description The new role. */
            role: string;
        };
        /** @description Changes to a user; absent fields stay. */
        UserUpdate: {
            /** @description False disables the user and ends every session; true enables again. */
            active?: boolean | null;
            /** @description The name people see; empty removes it. */
            display_name?: string | null;
            /** @description Where the person's mail goes; empty removes it. */
            email?: string | null;
            /**
             * Format: password
             * @description A new password; ends every session of the user.
             */
            password?: string | null;
            /** @description True lets strangers who are held up at this account try at once again. */
            unlock?: boolean | null;
        };
        /** @description What a check of the whole trail found. */
        Verification: {
            /**
             * Format: int64
             * @description Signed checkpoints.
             */
            checkpoints: number;
            /**
             * Format: int64
             * @description The newest entry that a checkpoint covers.
             */
            covered_to: number;
            /**
             * Format: int64
             * @description Entries read.
             */
            entries: number;
            first_bad?: components["schemas"]["FirstBad"] | null;
            /**
             * Format: int64
             * @description The oldest entry kept; 0 when there is none.
             */
            first_sequence: number;
            /**
             * Format: int64
             * @description The newest good one.
             */
            last_sequence: number;
            /** @description Whether all of it is as it was written. */
            ok: boolean;
            /**
             * Format: int64
             * @description Removed segments, by their signed digests.
             */
            segments: number;
            /** @description The same in words. */
            text: string;
            /**
             * Format: int64
             * @description How long it took.
             */
            took_ms: number;
        };
        /**
         * @description Why a new password is refused.
         * @enum {string}
         */
        WeakPassword: "too_short" | "too_long" | "guessable" | "common" | "predictable";
        /** @description What the user could. */
        WhatAnswer: {
            /** @description Every action there is. */
            items: components["schemas"]["WhatItem"][];
            /** @description The roles they have now: their own, and those given to them. Groups count once they log in by their identity provider. */
            roles: string[];
            /** @description The user. */
            user: components["schemas"]["UserRef"];
        };
        /** @description On how much a user could do one action. */
        WhatItem: {
            /** @description The action's name. */
            action: string;
            /** @description On all of it, some, or none. */
            allowed: components["schemas"]["Extent"];
            /** @description What it is done to. */
            on: string;
            /** @description The rule that decides; for `some`, of the first that is allowed. */
            rule: string;
        };
        /** @description Who could. */
        WhoAnswer: {
            /** @description Every active user, by name. */
            items: components["schemas"]["WhoItem"][];
        };
        /** @description Whether one user could. */
        WhoItem: {
            /** @description Whether they could. */
            allowed: boolean;
            /** @description The rule that decides. */
            rule: string;
            /** @description The user. */
            user: components["schemas"]["UserRef"];
        };
        /** @description What the agent supervises. */
        Workload: {
            /** @description Why, when that needs saying. */
            detail: string;
            /**
             * Format: int32
             * @description Last exit code, or minus the signal's number.
             */
            last_exit?: number | null;
            /**
             * Format: int32
             * @description Process id while it runs.
             */
            pid?: number | null;
            /**
             * Format: int32
             * @description Restarts since the agent began.
             */
            restarts: number;
            /**
             * Format: date-time
             * @description When the current run began.
             */
            started_at?: string | null;
            /** @description Where it is in its life. */
            state: components["schemas"]["WorkloadState"];
            /** @description What runs. */
            title: string;
        };
        /**
         * @description Where a workload is in its life; `none` when the agent reports its machine only.
         * @enum {string}
         */
        WorkloadState: "none" | "starting" | "running" | "restarting" | "stopping" | "stopped" | "backoff" | "crash_loop" | "zombie" | "failed";
        /** @description Workloads of one kind. */
        Workloads: {
            /**
             * Format: int32
             * @description All of them.
             */
            all: number;
            /** @description `deployments`, `statefulsets`, `daemonsets`. */
            kind: string;
            /**
             * Format: int32
             * @description Those whose pods are all ready.
             */
            ready: number;
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
    access_request_list: {
        parameters: {
            query?: {
                /** @description Only those that stand so now: `pending`, `approved`, `denied`, `cancelled`, `expired` or `ended`. */
                state?: string;
                /** @description `true`: only one's own. */
                mine?: boolean;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description How many, at most 200. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_AccessRequest"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    access_request_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccessRequestCreate"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    access_request_show: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    access_request_approve: {
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
                "application/json": components["schemas"]["AccessRequestApprove"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    access_request_cancel: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    access_request_deny: {
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
                "application/json": components["schemas"]["AccessRequestDeny"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    access_request_end: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessRequest"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkActionAnswer"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    action_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Action"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_list: {
        parameters: {
            query?: {
                /** @description Part of the actor, resource, reason, detail or correlation id. */
                q?: string;
                /** @description The actor's name. */
                actor?: string;
                /** @description What was done, such as `login`. */
                action?: string;
                /** @description started, ok, failed or denied. */
                result?: string;
                /** @description Only what is about this agent, by id or name. */
                agent?: string;
                /** @description Not before (RFC 3339). */
                from?: string;
                /** @description Before (RFC 3339). */
                to?: string;
                /** @description Entries a page: 1 to 500, default 100. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description `json` for a page; `csv`, `ndjson` or `json-file` for a download of everything that matches, oldest first. */
                format?: string;
                /** @description With `format=ndjson`: every line as it was sealed, with checkpoints, for `mc audit verify --file`. With a filter nothing can be proved. */
                with_proof?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_AuditEntry"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_checkpoints: {
        parameters: {
            query?: {
                /** @description Checkpoints a page: 1 to 500, default 100. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Checkpoint"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditKey"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verification"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invite_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Invite"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invite_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteCreate"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InviteCreated"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invite_revoke: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provider_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Provider"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provider_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderForm"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provider_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provider_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderForm"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Provider"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provider_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provider_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderCheck"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    assignment_list: {
        parameters: {
            query?: {
                /** @description Only of this role. */
                role?: string;
                /** @description Only to this user (id or name), service token (id) or group. */
                subject?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_RoleAssignment"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    assignment_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleAssignmentCreate"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoleAssignment"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    assignment_remove: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    role_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Role"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    role_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleForm"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    role_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleForm"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RoleChecked"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    role_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    role_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RoleForm"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Role"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    role_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    settings_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentitySettings"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    settings_update: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IdentitySettingsUpdate"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentitySettings"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    simulate_past: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulatePast"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PastAnswer"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    simulate_what: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulateWhat"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhatAnswer"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    simulate_who: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SimulateWho"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WhoAnswer"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_list: {
        parameters: {
            query?: {
                /** @description Part of the login name, display name or address. */
                q?: string;
                /** @description `active`, `disabled`, or `locked`: strangers who try to log in as the user are held up. */
                status?: string;
                /** @description The role the user always has. */
                role?: string;
                /** @description At most this many, up to 500. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_User"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserCreated"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_show: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_delete: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_reset_link: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResetLink"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_second_factor_reset: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_sessions: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Session"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    user_sessions_end: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_list: {
        parameters: {
            query?: {
                /** @description Part of the name, hostname, id, session id or a tag. */
                q?: string;
                /** @description Any of these, separated by commas: online, degraded, offline, stopped. */
                status?: string;
                /** @description Any of these, separated by commas: host, command, systemd, openclaw. */
                kind?: string;
                /** @description All of these, separated by commas. */
                tag?: string;
                /** @description Any of these, separated by commas. */
                version?: string;
                /** @description Heard within this many seconds. */
                seen_within?: number;
                /** @description name, status, kind, cpu, memory or seen; with `-` in front the other way round. */
                sort?: string;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description Agents a page: 1 to 500, default 100. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Agent"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentFacets"];
                };
            };
        };
    };
    agent_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentDetail"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_remove: {
        parameters: {
            query?: {
                /** @description Kept in the audit trail; at most 500 characters. */
                reason?: string;
            };
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentDetail"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_act: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id or name */
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
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ActionAccepted"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_activity: {
        parameters: {
            query?: {
                /** @description Entries a page: 1 to 500, default 50. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Activity"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_logs: {
        parameters: {
            query?: {
                /** @description The last this many: 1 to 5000, default 200; a download without it holds everything kept. */
                lines?: number;
                /** @description This level and more serious: trace, debug, info, warn or error. */
                level?: string;
                /** @description Part of the message. */
                q?: string;
                /** @description Not before this time (RFC 3339). */
                since?: string;
                /** @description Only lines before this `seq`. */
                before?: number;
                /** @description Stay, and send new lines as they come, as `application/x-ndjson`. */
                follow?: boolean;
                /** @description `json`, or `text` for a download. */
                format?: string;
            };
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogLines"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    agent_metrics: {
        parameters: {
            query?: {
                /** @description Names separated by commas; absent: all. */
                names?: string;
                /** @description From when (RFC 3339); absent: an hour before the end. */
                from?: string;
                /** @description Until when (RFC 3339); absent: now. */
                to?: string;
                /** @description Seconds between points; absent: so that there are at most 400. */
                step?: number;
            };
            header?: never;
            path: {
                /** @description Id or name */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Metrics"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cli_exchange: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CliExchange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    email_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailVerify"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invite_accept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteAccept"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invite_look: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InviteLook"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InviteOffer"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactor"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoggedOut"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_link: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OidcLink"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_backchannel_logout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": string;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_callback: {
        parameters: {
            query?: {
                code?: string;
                state?: string;
                iss?: string;
                error?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_start: {
        parameters: {
            query?: {
                return_to?: string;
                cli_port?: number;
                cli_challenge?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    passkey_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyAsked"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    passkey_finish: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyLogin"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    password_forgot: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordForgot"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordForgotAnswer"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    password_judge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordJudge"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasswordJudgement"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    password_reset: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordReset"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    provider_buttons: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderButtons"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    second_factor_answer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorAnswer"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorDone"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    second_factor_enrol: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChallengeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpEnrolment"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_step_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StepUp"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_step_up_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StepUpAsked"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cluster_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Cluster"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cluster_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cluster"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cluster_check: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClusterCheck"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterChecked"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cluster_credential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterCredential"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cluster_exec_socket: {
        parameters: {
            query: {
                /** @description An argument; given once for each */
                command: string[];
                /** @description Whether it gets a terminal */
                tty?: boolean;
                /** @description The terminal's columns */
                cols?: number;
                /** @description The terminal's rows */
                rows?: number;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection is a WebSocket now */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cluster_exec: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExecRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["ExecLine"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    command_list: {
        parameters: {
            query?: {
                /** @description Only this agent's, by id or name. */
                agent?: string;
                /** @description Only those without a result. */
                open?: boolean;
                /** @description Commands a page: 1 to 500, default 50. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Command"];
                };
            };
        };
    };
    command_show: {
        parameters: {
            query?: {
                /** @description How many seconds to wait for its result, 0 to 60: the answer comes as soon as there is one, or as the command is when they are over. */
                wait?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Command"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    event_follow: {
        parameters: {
            query?: {
                /** @description `EPOCH:SEQ` of the last frame that arrived. */
                since?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The connection is a WebSocket now */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_JoinToken"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinTokenCreated"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    server_logs: {
        parameters: {
            query?: {
                /** @description The last this many: 1 to 5000, default 200; a download without it holds everything kept. */
                lines?: number;
                /** @description This level and more serious: trace, debug, info, warn or error. */
                level?: string;
                /** @description Part of the message. */
                q?: string;
                /** @description Not before this time (RFC 3339). */
                since?: string;
                /** @description Only lines before this `seq`. */
                before?: number;
                /** @description Stay, and send new lines as they come, as `application/x-ndjson`. */
                follow?: boolean;
                /** @description `json`, or `text` for a download. */
                format?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogLines"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_profile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_update: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MeUpdate"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_email_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_identities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Identity"];
                };
            };
        };
    };
    me_identity_unlink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_identity_link: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IdentityLinkWish"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentityLinkBegun"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_logins: {
        parameters: {
            query?: {
                /** @description At most this many, up to 200; 50 when left out. */
                limit?: number;
                /** @description Where the page before ended. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Login"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_passkey_add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyAdd"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Passkey"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_passkey_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyAsked"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_passkey_remove: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_passkey_rename: {
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
                "application/json": components["schemas"]["PasskeyRename"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Passkey"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MePassword"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preferences"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_preferences_update: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Preferences"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preferences"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_second_factor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeSecondFactor"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Session"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_sessions_end: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_session_end: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_totp_begin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TotpEnrolment"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_totp_remove: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_totp_confirm: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TotpCode"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveryCodes"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    recording_list: {
        parameters: {
            query?: {
                /** @description Only of this cluster. */
                cluster?: string;
                /** @description Only of this user, by name. */
                user?: string;
                /** @description Where the page before ended. */
                cursor?: string;
                /** @description How many, at most 500. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Recording"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    recording_show: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recording"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    recording_cast: {
        parameters: {
            query?: {
                /** @description Stay while the session goes on, and send what comes. */
                follow?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-asciicast": string;
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setup_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SetupStatus"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginAnswer"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    token_list: {
        parameters: {
            query?: {
                /** @description Everybody's, for those who look after tokens. */
                all?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List_Token"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    token_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenSecret"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    token_show: {
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Token"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    token_revoke: {
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
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    token_rotate: {
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
                "application/json": components["schemas"]["TokenRotate"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenSecret"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me_why: {
        parameters: {
            query?: {
                /** @description The action's name: `agent_restart`. */
                action?: string;
                /** @description The kind of the thing: `agent`, `command`, `user`, …; absent: no single thing. */
                resource_kind?: string;
                /** @description The thing, by id or name. */
                resource?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
}
