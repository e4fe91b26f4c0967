-- Whether the identity provider said, at the login, that a second factor was shown there. Of sessions from before, nobody knows: no.
ALTER TABLE session ADD COLUMN sso_second_factor INTEGER NOT NULL DEFAULT 0;
