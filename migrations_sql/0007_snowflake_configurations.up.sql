-- Destinations. The first block of columns is the documented one; an installation may have it already.
SELECT :schema.snowflake_sync_ensure_table('snowflake_configurations', $$
    id                    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id               uuid NOT NULL REFERENCES :schema.users (id) ON DELETE CASCADE,
    account_identifier    text NOT NULL,
    warehouse             text NOT NULL,
    database              text NOT NULL,
    schema                text NOT NULL DEFAULT 'PUBLIC',
    role                  text,
    username              text NOT NULL,
    password_encrypted    text,
    private_key_encrypted text,
    is_active             boolean NOT NULL DEFAULT true,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
$$);
-- private_key_slot: which public key of the user in Snowflake belongs to the private key: RSA_PUBLIC_KEY or ..._2.
-- next_private_key_encrypted: made for a rotation, and not in use before it has logged in.
SELECT :schema.snowflake_sync_ensure_columns('snowflake_configurations', $${
    {role, "text"},
    {password_encrypted, "text"},
    {private_key_encrypted, "text"},
    {is_active, "boolean NOT NULL DEFAULT true"},
    {created_at, "timestamptz NOT NULL DEFAULT now()"},
    {updated_at, "timestamptz NOT NULL DEFAULT now()"},
    {name, "text NOT NULL DEFAULT ''"},
    {auth_method, "text NOT NULL DEFAULT 'auto'
        CHECK (auth_method IN ('auto', 'key_pair', 'access_token', 'oauth', 'password'))"},
    {token_encrypted, "text"},
    {private_key_slot, "smallint NOT NULL DEFAULT 1 CHECK (private_key_slot IN (1, 2))"},
    {next_private_key_encrypted, "text"},
    {layout, "text NOT NULL DEFAULT 'per_execution' CHECK (layout IN ('per_execution', 'per_workflow'))"},
    {identifier_case, "text NOT NULL DEFAULT 'upper' CHECK (identifier_case IN ('upper', 'preserve'))"},
    {min_interval, "interval NOT NULL DEFAULT '0'"}
}$$::text[]);
-- Routing looks up an owner's active destinations; deleting a user, all of them.
CREATE INDEX IF NOT EXISTS snowflake_sync_configurations_user_idx
    ON :schema.snowflake_configurations (user_id, created_at, id);
