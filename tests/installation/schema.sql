CREATE FUNCTION public.queue_execution_for_universal_snowflake_sync() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '200ms'
    AS $$
BEGIN
    -- Saved again as it was. Results are unpacked to be compared only if they were there before.
    IF OLD.status = 'completed' AND OLD.result_columns IS NOT DISTINCT FROM NEW.result_columns
        AND OLD.result_rows IS NOT DISTINCT FROM NEW.result_rows
    -- A lock that made one row wait would make each row of a bulk update wait: once is enough.
        OR current_setting('snowflake_sync.gave_up', true) = pg_current_xact_id()::text
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.snowflake_sync_inbox (execution_id, user_id)
    VALUES (NEW.execution_id, (SELECT w.user_id FROM public.workflows AS w WHERE w.id = NEW.workflow_id));
    RETURN NULL;
EXCEPTION
WHEN lock_not_available THEN
    PERFORM set_config('snowflake_sync.gave_up', pg_current_xact_id()::text, true);
    RAISE WARNING
        'Universal Snowflake Sync: execution %, and what else completes in this transaction, was not queued: %',
        NEW.execution_id, SQLERRM
        USING HINT = 'The sweep of the next minutes queues it.';
    RETURN NULL;
WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: execution % was not queued: %', NEW.execution_id, SQLERRM
        USING HINT = 'The sweep of the next minutes queues it; if not, run verify_sync_install.';
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_ensure_columns(relation text, columns text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    entry   text[];
    missing text[] := '{}';
    clauses text[] := '{}';
BEGIN
    FOREACH entry SLICE 1 IN ARRAY columns LOOP
        IF NOT EXISTS (
            SELECT FROM pg_attribute
            WHERE attrelid = ('public.' || quote_ident(relation))::regclass AND attname = entry[1] AND NOT attisdropped
        ) THEN
            missing := missing || entry[1];
            clauses := clauses || format('ADD COLUMN %I %s', entry[1], entry[2]);
        END IF;
    END LOOP;
    IF cardinality(missing) = 0 THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE public.%I %s', relation, array_to_string(clauses, ', '));
    INSERT INTO public.snowflake_sync_install_log (action, kind, relation, name)
    SELECT 'created', 'column', relation, name FROM unnest(missing) AS name
    ON CONFLICT DO NOTHING;
END
$$;
CREATE FUNCTION public.snowflake_sync_ensure_settings(relation text, settings text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    entry text[];
BEGIN
    FOREACH entry SLICE 1 IN ARRAY settings LOOP
        IF NOT EXISTS (
            SELECT FROM pg_class AS c, pg_options_to_table(c.reloptions) AS option
            WHERE c.oid = ('public.' || quote_ident(relation))::regclass AND option.option_name = entry[1]
        ) THEN
            EXECUTE format('ALTER TABLE public.%I SET (%I = %s)', relation, entry[1], entry[2]);
            INSERT INTO public.snowflake_sync_install_log (action, kind, relation, name)
            VALUES ('created', 'setting', relation, entry[1])
            ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
END
$$;
CREATE FUNCTION public.snowflake_sync_ensure_table(relation text, definition text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF to_regclass('public.' || quote_ident(relation)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (%s)', relation, definition);
    INSERT INTO public.snowflake_sync_install_log (action, kind, relation, name)
    VALUES ('created', 'table', relation, relation)
    ON CONFLICT DO NOTHING;
END
$$;
CREATE FUNCTION public.snowflake_sync_ensure_view(relation text, query text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF to_regclass('public.' || quote_ident(relation)) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE VIEW public.%I AS %s', relation, query);
    INSERT INTO public.snowflake_sync_install_log (action, kind, relation, name)
    VALUES ('created', 'view', relation, relation)
    ON CONFLICT DO NOTHING;
END
$$;
CREATE FUNCTION public.snowflake_sync_log_displaced(kind text, relation text, name text, definition text) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    INSERT INTO public.snowflake_sync_install_log (action, kind, relation, name, definition)
    VALUES ('displaced', kind, relation, name, definition)
    ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION public.snowflake_sync_note_catalogue() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO public.snowflake_sync_catalogue_changes (configuration_id, execution_id, awake)
    VALUES (
        NEW.configuration_id, NEW.execution_id,
        coalesce(OLD.status = 'processing' AND NEW.status = 'completed' AND NEW.row_count > 0, false)
    );
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO public.snowflake_sync_destination_states AS state (configuration_id, settings_version)
    VALUES (NEW.id, 1)
    ON CONFLICT (configuration_id) DO UPDATE
    SET settings_version = state.settings_version + 1, last_login_at = NULL, trial_until = NULL, check_refusals = 0,
        check_refused_at = NULL;
    UPDATE public.snowflake_sync_destination_states
    SET breaker_state = 'closed', breaker_until = NULL, breaker_code = NULL, breaker_reason = NULL, breaker_failures = 0
    WHERE configuration_id = NEW.id AND breaker_code IS DISTINCT FROM 'paused_by_hand';
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_destination() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '2s'
    AS $$
BEGIN
    INSERT INTO public.snowflake_sync_destination_states (configuration_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: it was not noted that there is destination % now: %', NEW.id, SQLERRM
        USING HINT = 'The sweep notes it within two minutes.';
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_item_due() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '200ms'
    SET enable_seqscan TO 'off'
    AS $$
DECLARE
    now CONSTANT timestamptz := clock_timestamp();
    noted timestamptz;
BEGIN
    -- Of what a transaction makes due at once, its first row tells of all: a large UPDATE by hand appends one a second and
    -- destination, and another if its items come in another order.
    IF NEW.run_after <= now THEN
        SELECT min(turns.scan_start) INTO noted
        FROM public.snowflake_sync_turns AS turns
        WHERE turns.configuration_id = NEW.configuration_id AND turns.turn IS NULL
            AND turns.due_at BETWEEN now - interval '1 second' AND now
            AND turns.xmin = pg_current_xact_id()::xid;
        IF noted <= NEW.run_after THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO public.snowflake_sync_turns (configuration_id, due_at, scan_start)
    VALUES (
        NEW.configuration_id, greatest(NEW.run_after, now),
        CASE WHEN noted IS NULL THEN NEW.run_after ELSE '-infinity' END
    );
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_items_due() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '200ms'
    AS $$
BEGIN
    INSERT INTO public.snowflake_sync_turns (configuration_id, due_at, scan_start)
    SELECT item.configuration_id, greatest(min(item.run_after), clock_timestamp()), min(item.run_after)
    FROM inserted AS item
    WHERE item.status = 'pending' AND item.configuration_id IS NOT NULL
    GROUP BY item.configuration_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_ready() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '200ms'
    AS $$
DECLARE
    destination uuid;
BEGIN
    IF TG_TABLE_NAME = 'snowflake_configurations' THEN
        destination := NEW.id;
    ELSE
        destination := NEW.configuration_id;
    END IF;
    -- A lock that made one row wait would make each row of a bulk update wait: once is enough.
    IF current_setting('snowflake_sync.unready', true) = pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.snowflake_sync_turns (configuration_id, due_at) VALUES (destination, clock_timestamp());
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    PERFORM set_config('snowflake_sync.unready', pg_current_xact_id()::text, true);
    RAISE WARNING 'Universal Snowflake Sync: it was not noted that destination % may have work now: %',
        destination, SQLERRM
        USING HINT = 'The sweep notes it within two minutes, also of what else is changed in this transaction.';
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '200ms'
    AS $$
BEGIN
    INSERT INTO public.snowflake_sync_removed_items (configuration_id, execution_id)
    SELECT item.configuration_id, item.execution_id
    FROM (
        SELECT OLD.configuration_id, OLD.execution_id
        WHERE TG_OP = 'DELETE'
            -- Not with its destination, which does not come again.
            AND EXISTS (SELECT FROM public.snowflake_configurations AS c WHERE c.id = OLD.configuration_id)
        UNION ALL
        SELECT queued.configuration_id, queued.execution_id
        FROM public.snowflake_sync_queue AS queued
        WHERE TG_OP = 'TRUNCATE' AND queued.configuration_id IS NOT NULL
            AND (queued.table_name IS NULL OR queued.requested_table IS NOT NULL OR queued.batch_key IS NOT NULL)
    ) AS item
    ON CONFLICT DO NOTHING;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Universal Snowflake Sync: items were removed, and not noted: %', SQLERRM
        USING HINT = 'If their executions come again under the same ids, their rows in shared tables may be doubled.';
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_result() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    busy_until timestamptz;
BEGIN
    IF NEW.table_name IS NULL THEN
        DELETE FROM public.snowflake_sync_results
        WHERE configuration_id = OLD.configuration_id AND execution_id = OLD.execution_id;
        RETURN NULL;
    END IF;
    INSERT INTO public.snowflake_sync_results AS result (
        configuration_id, execution_id, workflow_id, user_id, schema_name, table_name, row_count, loaded_at, computed_at
    )
    SELECT
        NEW.configuration_id, NEW.execution_id,
        coalesce(execution.workflow_id, '00000000-0000-0000-0000-000000000000'),
        NEW.user_id, NEW.schema_name, NEW.table_name, NEW.row_count, NEW.processed_at,
        least(
            greatest(
                coalesce(execution.completed_at::timestamptz, execution.created_at::timestamptz, NEW.created_at),
                '2000-01-01T00:00:00Z'
            ),
            NEW.processed_at
        )
    FROM (VALUES (true)) AS one (row)
    LEFT JOIN public.workflow_executions AS execution ON execution.execution_id = NEW.execution_id
    ON CONFLICT (configuration_id, execution_id) DO UPDATE SET
        workflow_id = excluded.workflow_id,
        user_id = excluded.user_id,
        schema_name = excluded.schema_name,
        table_name = excluded.table_name,
        row_count = excluded.row_count,
        loaded_at = excluded.loaded_at,
        computed_at = excluded.computed_at,
        asked_generation = NULL,
        goes_at = NULL;
    SELECT until INTO busy_until
    FROM public.snowflake_sync_withdrawals
    WHERE configuration_id = NEW.configuration_id AND execution_id = NEW.execution_id AND until > OLD.claimed_at;
    IF FOUND THEN
        UPDATE ONLY public.snowflake_sync_queue
        SET generation = generation + 1, status = 'pending', run_after = busy_until
        WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_note_taken_out() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO public.snowflake_sync_catalogue_changes (configuration_id, execution_id)
    VALUES (OLD.configuration_id, OLD.execution_id);
    RETURN NULL;
END
$$;
CREATE FUNCTION public.snowflake_sync_refuse_update() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE 'What waits in snowflake_sync_inbox is not updated: stop workers and web processes of an earlier version; '
        'skip it in the console (execution %).', OLD.execution_id
        USING HINT = 'In SQL, UPDATE ONLY snowflake_sync_queue changes the items that are routed.';
END
$$;
CREATE FUNCTION public.snowflake_sync_refuse_worker() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('snowflake_sync_workers without rules'));
    IF EXISTS (SELECT FROM public.snowflake_sync_rule_versions) THEN
        RAISE 'A worker of an earlier version would load everything without the rules that there are: stop it.';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION public.snowflake_sync_remove_created(relation_name text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    whole   text;
    clauses text;
BEGIN
    SELECT log.kind INTO whole
    FROM public.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind IN ('table', 'view') AND log.relation = relation_name;
    SELECT string_agg(
        format(CASE log.kind WHEN 'column' THEN 'DROP COLUMN IF EXISTS %I' ELSE 'RESET (%I)' END, log.name), ', '
    ) INTO clauses
    FROM public.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind IN ('column', 'setting') AND log.relation = relation_name;
    IF whole IS NOT NULL THEN
        EXECUTE format('DROP %s IF EXISTS public.%I', whole, relation_name);
    ELSIF clauses IS NOT NULL THEN
        EXECUTE format('ALTER TABLE public.%I %s', relation_name, clauses);
    END IF;
    DELETE FROM public.snowflake_sync_install_log AS log
    WHERE log.action = 'created' AND log.kind IN ('table', 'view', 'column', 'setting')
        AND log.relation = relation_name;
END
$$;
CREATE FUNCTION public.snowflake_sync_restore_displaced(wanted_kind text, wanted_relation text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    displaced record;
BEGIN
    FOR displaced IN
        SELECT log.id, log.definition FROM public.snowflake_sync_install_log AS log
        WHERE log.action = 'displaced' AND log.kind = wanted_kind AND log.relation = wanted_relation
        ORDER BY log.id
    LOOP
        EXECUTE displaced.definition;
        DELETE FROM public.snowflake_sync_install_log WHERE id = displaced.id;
    END LOOP;
END
$$;
CREATE TABLE public.snowflake_configurations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    account_identifier text NOT NULL,
    warehouse text NOT NULL,
    database text NOT NULL,
    schema text DEFAULT 'PUBLIC'::text NOT NULL,
    role text,
    username text NOT NULL,
    password_encrypted text,
    private_key_encrypted text,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    auth_method text DEFAULT 'auto'::text NOT NULL,
    token_encrypted text,
    private_key_slot smallint DEFAULT 1 NOT NULL,
    next_private_key_encrypted text,
    layout text DEFAULT 'per_execution'::text NOT NULL,
    identifier_case text DEFAULT 'upper'::text NOT NULL,
    min_interval interval DEFAULT '00:00:00'::interval NOT NULL,
    freshness_minutes integer,
    secret_ends_on date,
    catalogue_name text DEFAULT 'SYNC_EXECUTIONS'::text NOT NULL,
    makes_views boolean DEFAULT true NOT NULL,
    deleted_results text DEFAULT 'keep'::text NOT NULL,
    is_transient boolean DEFAULT false NOT NULL,
    time_travel_days integer,
    CONSTRAINT snowflake_configurations_auth_method_check CHECK ((auth_method = ANY (ARRAY['auto'::text, 'key_pair'::text, 'access_token'::text, 'oauth'::text, 'password'::text]))),
    CONSTRAINT snowflake_configurations_deleted_results_check CHECK ((deleted_results = ANY (ARRAY['keep'::text, 'remove'::text]))),
    CONSTRAINT snowflake_configurations_freshness_minutes_check CHECK ((freshness_minutes > 0)),
    CONSTRAINT snowflake_configurations_identifier_case_check CHECK ((identifier_case = ANY (ARRAY['upper'::text, 'preserve'::text]))),
    CONSTRAINT snowflake_configurations_layout_check CHECK ((layout = ANY (ARRAY['per_execution'::text, 'per_workflow'::text]))),
    CONSTRAINT snowflake_configurations_private_key_slot_check CHECK ((private_key_slot = ANY (ARRAY[1, 2]))),
    CONSTRAINT snowflake_configurations_time_travel_days_check CHECK (((time_travel_days >= 0) AND (time_travel_days <= 90)))
);
CREATE TABLE public.snowflake_sync_activity (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    user_id uuid,
    user_name text DEFAULT ''::text NOT NULL,
    face text NOT NULL,
    token_name text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    subject_kind text NOT NULL,
    subject_id text DEFAULT ''::text NOT NULL,
    subject_name text DEFAULT ''::text NOT NULL,
    owner_id uuid,
    changes jsonb DEFAULT '[]'::jsonb NOT NULL,
    count bigint,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT snowflake_sync_activity_face_check CHECK ((face = ANY (ARRAY['console'::text, 'admin'::text, 'api'::text, 'command'::text, 'worker'::text, 'application'::text])))
);
ALTER TABLE public.snowflake_sync_activity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_activity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_alert_channels (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    secrets_encrypted text,
    everyone boolean DEFAULT false NOT NULL,
    events text[],
    remind_after interval,
    digest text,
    digest_at timestamp with time zone,
    paused_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone,
    last_answer text DEFAULT ''::text NOT NULL,
    last_error text DEFAULT ''::text NOT NULL,
    failing_since timestamp with time zone,
    given_up_at timestamp with time zone,
    CONSTRAINT snowflake_sync_alert_channels_digest_check CHECK ((digest = ANY (ARRAY['daily'::text, 'weekly'::text]))),
    CONSTRAINT snowflake_sync_alert_channels_remind_after_check CHECK ((remind_after >= '00:01:00'::interval))
);
CREATE TABLE public.snowflake_sync_alert_deliveries (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    channel_id uuid NOT NULL,
    event text NOT NULL,
    kind text DEFAULT ''::text NOT NULL,
    alert_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    message jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    claimed_until timestamp with time zone,
    delivered_at timestamp with time zone,
    given_up_at timestamp with time zone,
    answer text DEFAULT ''::text NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    CONSTRAINT snowflake_sync_alert_deliveries_event_check CHECK ((event = ANY (ARRAY['opened'::text, 'closed'::text, 'reminder'::text, 'digest'::text, 'test'::text])))
);
CREATE TABLE public.snowflake_sync_alert_looks (
    id smallint DEFAULT 1 NOT NULL,
    number bigint DEFAULT 0 NOT NULL,
    looked_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    ended_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    seconds double precision DEFAULT 0 NOT NULL,
    unseen text DEFAULT ''::text NOT NULL,
    CONSTRAINT snowflake_sync_alert_looks_id_check CHECK ((id = 1))
);
CREATE TABLE public.snowflake_sync_alerts (
    id bigint NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    user_id uuid,
    configuration_id uuid,
    workflow_id uuid,
    error_code text DEFAULT ''::text NOT NULL,
    since timestamp with time zone NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    clean_looks integer DEFAULT 0 NOT NULL,
    closed_at timestamp with time zone,
    count bigint DEFAULT 1 NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL
);
ALTER TABLE public.snowflake_sync_alerts ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_api_tokens (
    id bigint NOT NULL,
    digest character varying(128) NOT NULL,
    token_key character varying(25) NOT NULL,
    user_id uuid NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    created timestamp with time zone DEFAULT now() NOT NULL,
    expiry timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    made_with_id bigint
);
ALTER TABLE public.snowflake_sync_api_tokens ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_api_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE UNLOGGED TABLE public.snowflake_sync_api_usage (
    key text NOT NULL,
    since timestamp with time zone NOT NULL,
    count integer NOT NULL
);
CREATE TABLE public.snowflake_sync_attempts (
    id bigint NOT NULL,
    item_id uuid NOT NULL,
    configuration_id uuid,
    worker_id bigint,
    claim_token bigint,
    generation bigint,
    outcome text NOT NULL,
    due_at timestamp with time zone,
    started_at timestamp with time zone,
    finished_at timestamp with time zone DEFAULT now() NOT NULL,
    timings jsonb,
    row_count bigint,
    byte_count bigint,
    batch_size integer DEFAULT 1 NOT NULL,
    statement_count integer,
    query_ids text[],
    error_code text,
    error_message text,
    error_remedy text,
    rules_version integer,
    source_row_count bigint,
    dropped_columns text[]
);
ALTER TABLE public.snowflake_sync_attempts ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_catalogue_changes (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    execution_id text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    awake boolean DEFAULT false NOT NULL
);
ALTER TABLE public.snowflake_sync_catalogue_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_catalogue_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_catalogue_workflows (
    configuration_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    known_as text NOT NULL,
    name text NOT NULL
);
CREATE TABLE public.snowflake_sync_catalogues (
    configuration_id uuid NOT NULL,
    database_name text,
    schema_name text,
    table_name text,
    left_name text DEFAULT ''::text NOT NULL,
    filled_at timestamp with time zone,
    position_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    position_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
    own_after text[] DEFAULT '{"","",""}'::text[] NOT NULL,
    removed_after text DEFAULT ''::text NOT NULL,
    published_at timestamp with time zone,
    token bigint DEFAULT 0 NOT NULL,
    busy_until timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone,
    error_code text,
    error_message text,
    error_remedy text
);
CREATE SEQUENCE public.snowflake_sync_claim_token_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.snowflake_sync_destination_states (
    configuration_id uuid NOT NULL,
    settings_version integer DEFAULT 0 NOT NULL,
    breaker_state text DEFAULT 'closed'::text NOT NULL,
    breaker_until timestamp with time zone,
    breaker_code text,
    breaker_reason text,
    breaker_failures integer DEFAULT 0 NOT NULL,
    trial_until timestamp with time zone,
    last_login_at timestamp with time zone,
    window_opened_at timestamp with time zone,
    stage_swept_at timestamp with time zone,
    last_check_at timestamp with time zone,
    last_check jsonb,
    check_refusals integer DEFAULT 0 NOT NULL,
    check_refused_at timestamp with time zone,
    CONSTRAINT snowflake_sync_destination_states_breaker_state_check CHECK ((breaker_state = ANY (ARRAY['closed'::text, 'open'::text])))
)
WITH (fillfactor='75');
CREATE UNLOGGED TABLE public.snowflake_sync_error_groups (
    key text NOT NULL,
    user_id uuid,
    error_code text NOT NULL,
    workflow_id uuid,
    configuration_id uuid,
    count bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    last_hour bigint NOT NULL,
    last_day bigint NOT NULL,
    last_week bigint NOT NULL,
    curve jsonb NOT NULL
);
CREATE UNLOGGED TABLE public.snowflake_sync_failed_workflows (
    execution_id text NOT NULL,
    workflow_id uuid
);
CREATE TABLE public.snowflake_sync_queue (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    execution_id text NOT NULL,
    user_id uuid,
    status text DEFAULT 'pending'::text NOT NULL,
    retry_count integer DEFAULT 0 NOT NULL,
    max_retries integer DEFAULT 3 NOT NULL,
    error_message text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    processed_at timestamp with time zone,
    configuration_id uuid,
    batch_key text,
    run_after timestamp with time zone DEFAULT now() NOT NULL,
    error_code text,
    error_remedy text,
    generation bigint DEFAULT 1 NOT NULL,
    claimed_generation bigint,
    claim_token bigint,
    claimed_at timestamp with time zone,
    worker_id bigint,
    schema_name text,
    table_name text,
    requested_schema text,
    requested_table text,
    row_count bigint,
    result_hash bigint,
    source_version text,
    open_load jsonb,
    rules_version integer,
    source_row_count bigint,
    is_to_be_removed boolean DEFAULT false NOT NULL
)
WITH (fillfactor='75', autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_cost_delay='0');
CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    name text,
    is_active boolean DEFAULT true NOT NULL
);
CREATE TABLE public.workflow_executions (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    execution_id text NOT NULL,
    workflow_id uuid,
    status text DEFAULT 'pending'::text NOT NULL,
    execution_parameters jsonb,
    result_columns jsonb,
    result_rows jsonb,
    result_total_rows integer,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    snowflake_enabled boolean DEFAULT false,
    snowflake_table_name text,
    snowflake_schema_name text,
    snowflake_status text,
    snowflake_error_message text,
    snowflake_uploaded_at timestamp with time zone,
    snowflake_row_count integer
);
CREATE TABLE public.workflows (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    workflow_id text NOT NULL,
    name text NOT NULL,
    user_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE VIEW public.snowflake_sync_failures WITH (security_invoker='true') AS
 SELECT item.id,
    item.execution_id,
    item.user_id,
    item.status,
    item.retry_count,
    item.max_retries,
    item.error_message,
    item.created_at,
    item.updated_at,
    item.processed_at,
    execution.status AS execution_status,
    execution.created_at AS execution_created_at,
    workflow.name AS workflow_name,
    owner.email AS user_email
   FROM (((public.snowflake_sync_queue item
     LEFT JOIN public.workflow_executions execution ON ((execution.execution_id = item.execution_id)))
     LEFT JOIN public.workflows workflow ON ((workflow.id = execution.workflow_id)))
     LEFT JOIN public.users owner ON ((owner.id = item.user_id)))
  WHERE (item.status = 'failed'::text);
CREATE TABLE public.snowflake_sync_findings (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    kind text NOT NULL,
    database_name text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    execution_id text,
    expected jsonb DEFAULT '{}'::jsonb NOT NULL,
    found jsonb DEFAULT '{}'::jsonb NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_how text,
    CONSTRAINT snowflake_sync_findings_closed_how_check CHECK ((closed_how = ANY (ARRAY['gone'::text, 'loaded_again'::text, 'adopted'::text])))
);
ALTER TABLE public.snowflake_sync_findings ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_findings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_freshness (
    configuration_id uuid NOT NULL,
    month date NOT NULL,
    ended bigint NOT NULL,
    in_time bigint NOT NULL
);
CREATE TABLE public.snowflake_sync_hash_keys (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    number integer NOT NULL,
    key_encrypted text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT snowflake_sync_hash_keys_number_check CHECK ((number > 0))
);
ALTER TABLE public.snowflake_sync_hash_keys ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_hash_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_history (
    grain text NOT NULL,
    at timestamp with time zone NOT NULL,
    configuration_id uuid,
    worker_id bigint,
    outcome text NOT NULL,
    error_code text,
    attempts bigint NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    statements double precision NOT NULL,
    timed bigint NOT NULL,
    wait_seconds double precision NOT NULL,
    lag_seconds double precision NOT NULL,
    lag_longest double precision NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT snowflake_sync_history_grain_check CHECK ((grain = ANY (ARRAY['all minute'::text, 'all hour'::text, 'minute'::text, 'hour'::text, 'worker'::text, 'ever'::text])))
);
CREATE TABLE public.snowflake_sync_history_state (
    id smallint DEFAULT 1 NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    as_of timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT snowflake_sync_history_state_id_check CHECK ((id = 1))
);
CREATE TABLE public.snowflake_sync_inbox (
    NOT NULL run_after,
    arrival bigint NOT NULL
)
INHERITS (public.snowflake_sync_queue);
ALTER TABLE public.snowflake_sync_inbox ALTER COLUMN arrival ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_inbox_arrival_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_install_log (
    id bigint NOT NULL,
    logged_at timestamp with time zone DEFAULT now() NOT NULL,
    action text NOT NULL,
    kind text NOT NULL,
    relation text NOT NULL,
    name text NOT NULL,
    definition text,
    CONSTRAINT snowflake_sync_install_log_action_check CHECK ((action = ANY (ARRAY['created'::text, 'displaced'::text]))),
    CONSTRAINT snowflake_sync_install_log_kind_check CHECK ((kind = ANY (ARRAY['table'::text, 'column'::text, 'setting'::text, 'constraint'::text, 'index'::text, 'trigger'::text, 'function'::text, 'view'::text])))
);
ALTER TABLE public.snowflake_sync_install_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_install_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_known_columns (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    workflow_id text NOT NULL,
    key text NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.snowflake_sync_known_columns ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_known_columns_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_latencies (
    kind text NOT NULL,
    bound double precision NOT NULL,
    count bigint NOT NULL,
    seconds double precision NOT NULL,
    CONSTRAINT snowflake_sync_latencies_kind_check CHECK ((kind = ANY (ARRAY['claim'::text, 'load'::text])))
);
CREATE TABLE public.snowflake_sync_logins (
    user_id uuid NOT NULL,
    password character varying(128),
    last_login timestamp with time zone,
    is_staff boolean DEFAULT false NOT NULL,
    is_superuser boolean DEFAULT false NOT NULL
);
CREATE TABLE public.snowflake_sync_mutes (
    id bigint NOT NULL,
    owner_id uuid,
    kind text DEFAULT ''::text NOT NULL,
    error_code text NOT NULL,
    workflow_id uuid,
    configuration_id uuid,
    until timestamp with time zone,
    muted_at timestamp with time zone DEFAULT now() NOT NULL,
    muted_by uuid,
    muted_by_name text DEFAULT ''::text NOT NULL
);
ALTER TABLE public.snowflake_sync_mutes ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_mutes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_preferences (
    user_id uuid NOT NULL,
    time_zone text DEFAULT ''::text NOT NULL,
    theme text DEFAULT 'system'::text NOT NULL,
    CONSTRAINT snowflake_sync_preferences_theme_check CHECK ((theme = ANY (ARRAY['system'::text, 'light'::text, 'dark'::text])))
);
CREATE VIEW public.snowflake_sync_queue_summary WITH (security_invoker='true') AS
 SELECT status,
    count(*) AS count,
    min(created_at) AS oldest_item,
    max(created_at) AS newest_item,
    avg(retry_count) AS avg_retries
   FROM public.snowflake_sync_queue
  GROUP BY status;
CREATE TABLE public.snowflake_sync_reconciliations (
    configuration_id uuid NOT NULL,
    asked_at timestamp with time zone,
    busy_until timestamp with time zone,
    looked_at timestamp with time zone,
    seconds double precision DEFAULT 0 NOT NULL,
    tables bigint DEFAULT 0 NOT NULL,
    unlisted bigint DEFAULT 0 NOT NULL,
    strangers bigint DEFAULT 0 NOT NULL,
    columns_until bigint DEFAULT 0 NOT NULL,
    tried_at timestamp with time zone,
    error_code text DEFAULT ''::text NOT NULL,
    error_message text DEFAULT ''::text NOT NULL,
    error_remedy text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.snowflake_sync_removed_items (
    configuration_id uuid NOT NULL,
    execution_id text NOT NULL,
    removed_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone
);
CREATE TABLE public.snowflake_sync_results (
    configuration_id uuid NOT NULL,
    execution_id text NOT NULL,
    workflow_id uuid NOT NULL,
    user_id uuid,
    schema_name text,
    table_name text NOT NULL,
    row_count bigint,
    loaded_at timestamp with time zone NOT NULL,
    computed_at timestamp with time zone NOT NULL,
    asked_generation bigint,
    goes_at timestamp with time zone
);
CREATE TABLE public.snowflake_sync_retention (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    workflow_id uuid,
    keeps text NOT NULL,
    amount integer,
    only_copies boolean DEFAULT false NOT NULL,
    CONSTRAINT snowflake_sync_retention_amount_check CHECK ((amount > 0)),
    CONSTRAINT snowflake_sync_retention_check CHECK (((keeps = 'all'::text) = (amount IS NULL))),
    CONSTRAINT snowflake_sync_retention_keeps_check CHECK ((keeps = ANY (ARRAY['last'::text, 'days'::text, 'all'::text])))
);
ALTER TABLE public.snowflake_sync_retention ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_retention_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_retention_walks (
    configuration_id uuid NOT NULL,
    kind text NOT NULL,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    workflow_id uuid,
    stands_at timestamp with time zone,
    execution_id text,
    waits_for_warehouse boolean DEFAULT false NOT NULL,
    error_code text,
    error_message text,
    error_remedy text,
    CONSTRAINT snowflake_sync_retention_walks_kind_check CHECK ((kind = ANY (ARRAY['past'::text, 'gone'::text])))
);
CREATE UNLOGGED TABLE public.snowflake_sync_rollup (
    key text NOT NULL,
    user_id uuid,
    configuration_id uuid,
    status text NOT NULL,
    error_code text,
    count bigint NOT NULL,
    retries bigint NOT NULL,
    oldest_item timestamp with time zone,
    newest_item timestamp with time zone,
    oldest_run_after timestamp with time zone,
    last_change timestamp with time zone,
    last_hour bigint NOT NULL,
    last_day bigint NOT NULL,
    last_week bigint NOT NULL
);
CREATE UNLOGGED TABLE public.snowflake_sync_rollup_made (
    id smallint DEFAULT 1 NOT NULL,
    as_of timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    seconds double precision DEFAULT 0 NOT NULL,
    CONSTRAINT snowflake_sync_rollup_made_id_check CHECK ((id = 1))
);
CREATE TABLE public.snowflake_sync_rule_versions (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    version integer NOT NULL,
    rules jsonb NOT NULL,
    hash_key integer,
    author text DEFAULT ''::text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT snowflake_sync_rule_versions_version_check CHECK ((version > 0))
);
ALTER TABLE public.snowflake_sync_rule_versions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_rule_versions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_rules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    configuration_id uuid NOT NULL,
    "position" integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    workflow text DEFAULT '*'::text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    author text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT snowflake_sync_rules_kind_check CHECK ((kind = ANY (ARRAY['scope'::text, 'column'::text, 'rows'::text, 'add'::text, 'new_columns'::text])))
);
CREATE TABLE public.snowflake_sync_sweep (
    id smallint DEFAULT 1 NOT NULL,
    "position" text DEFAULT ''::text NOT NULL,
    swept_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    CONSTRAINT snowflake_sync_sweep_id_check CHECK ((id = 1))
);
CREATE TABLE public.snowflake_sync_tables (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    database_name text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    execution_id text,
    columns jsonb,
    names jsonb,
    made_for text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone,
    user_id uuid,
    workflow_id text,
    account text,
    computed_at timestamp with time zone,
    released_at timestamp with time zone,
    left_columns jsonb,
    in_all_view text,
    deleted_at timestamp with time zone
);
ALTER TABLE public.snowflake_sync_tables ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_tables_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_turns (
    id bigint NOT NULL,
    configuration_id uuid NOT NULL,
    due_at timestamp with time zone NOT NULL,
    scan_start timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    user_id uuid,
    turn bigint,
    batch_key text
);
ALTER TABLE public.snowflake_sync_turns ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_turns_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_user_groups (
    id bigint NOT NULL,
    user_id uuid NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE public.snowflake_sync_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_user_permissions (
    id bigint NOT NULL,
    user_id uuid NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.snowflake_sync_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.snowflake_sync_views (
    configuration_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    known_as text NOT NULL,
    account text,
    database_name text NOT NULL,
    schema_name text NOT NULL,
    latest_name text NOT NULL,
    all_name text NOT NULL,
    latest_hash text,
    all_hash text,
    shared_schema text,
    shared_table text,
    shared_at timestamp with time zone,
    shared_by_many boolean DEFAULT false NOT NULL,
    due_at timestamp with time zone,
    token bigint DEFAULT 0 NOT NULL,
    busy_until timestamp with time zone,
    error_code text,
    error_message text,
    error_remedy text,
    error_at timestamp with time zone
);
CREATE TABLE public.snowflake_sync_withdrawals (
    configuration_id uuid NOT NULL,
    execution_id text NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.snowflake_sync_workers (
    id bigint NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    concurrency integer NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    stopped_at timestamp with time zone,
    in_flight integer DEFAULT 0 NOT NULL,
    held_back text,
    follows_rules boolean DEFAULT false NOT NULL
);
ALTER TABLE public.snowflake_sync_workers ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.snowflake_sync_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN id SET DEFAULT gen_random_uuid();
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN status SET DEFAULT 'pending'::text;
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN retry_count SET DEFAULT 0;
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN max_retries SET DEFAULT 3;
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN created_at SET DEFAULT now();
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN updated_at SET DEFAULT now();
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN run_after SET DEFAULT now();
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN generation SET DEFAULT 1;
ALTER TABLE ONLY public.snowflake_sync_inbox ALTER COLUMN is_to_be_removed SET DEFAULT false;
ALTER TABLE ONLY public.snowflake_configurations
    ADD CONSTRAINT snowflake_configurations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_activity
    ADD CONSTRAINT snowflake_sync_activity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_alert_channels
    ADD CONSTRAINT snowflake_sync_alert_channels_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_alert_deliveries
    ADD CONSTRAINT snowflake_sync_alert_deliveries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_alert_looks
    ADD CONSTRAINT snowflake_sync_alert_looks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_alerts
    ADD CONSTRAINT snowflake_sync_alerts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_api_tokens
    ADD CONSTRAINT snowflake_sync_api_tokens_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.snowflake_sync_api_tokens
    ADD CONSTRAINT snowflake_sync_api_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_api_usage
    ADD CONSTRAINT snowflake_sync_api_usage_pkey PRIMARY KEY (key);
ALTER TABLE public.snowflake_sync_attempts
    ADD CONSTRAINT snowflake_sync_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['completed'::text, 'retry'::text, 'failed'::text, 'skipped'::text, 'released'::text, 'rescued'::text, 'refused'::text, 'paused'::text, 'removed'::text]))) NOT VALID;
ALTER TABLE ONLY public.snowflake_sync_attempts
    ADD CONSTRAINT snowflake_sync_attempts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_catalogue_changes
    ADD CONSTRAINT snowflake_sync_catalogue_changes_pkey PRIMARY KEY (configuration_id, id);
ALTER TABLE ONLY public.snowflake_sync_catalogue_workflows
    ADD CONSTRAINT snowflake_sync_catalogue_workflows_pkey PRIMARY KEY (configuration_id, workflow_id);
ALTER TABLE ONLY public.snowflake_sync_catalogues
    ADD CONSTRAINT snowflake_sync_catalogues_pkey PRIMARY KEY (configuration_id);
ALTER TABLE ONLY public.snowflake_sync_destination_states
    ADD CONSTRAINT snowflake_sync_destination_states_pkey PRIMARY KEY (configuration_id);
ALTER TABLE ONLY public.snowflake_sync_error_groups
    ADD CONSTRAINT snowflake_sync_error_groups_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.snowflake_sync_failed_workflows
    ADD CONSTRAINT snowflake_sync_failed_workflows_pkey PRIMARY KEY (execution_id);
ALTER TABLE ONLY public.snowflake_sync_findings
    ADD CONSTRAINT snowflake_sync_findings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_freshness
    ADD CONSTRAINT snowflake_sync_freshness_pkey PRIMARY KEY (configuration_id, month);
ALTER TABLE ONLY public.snowflake_sync_hash_keys
    ADD CONSTRAINT snowflake_sync_hash_keys_configuration_id_number_key UNIQUE (configuration_id, number);
ALTER TABLE ONLY public.snowflake_sync_hash_keys
    ADD CONSTRAINT snowflake_sync_hash_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_history
    ADD CONSTRAINT snowflake_sync_history_grain_at_configuration_id_worker_id__key UNIQUE NULLS NOT DISTINCT (grain, at, configuration_id, worker_id, outcome, error_code);
ALTER TABLE ONLY public.snowflake_sync_history_state
    ADD CONSTRAINT snowflake_sync_history_state_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_inbox
    ADD CONSTRAINT snowflake_sync_inbox_pkey PRIMARY KEY (run_after, arrival);
ALTER TABLE ONLY public.snowflake_sync_install_log
    ADD CONSTRAINT snowflake_sync_install_log_action_kind_relation_name_key UNIQUE (action, kind, relation, name);
ALTER TABLE ONLY public.snowflake_sync_install_log
    ADD CONSTRAINT snowflake_sync_install_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_known_columns
    ADD CONSTRAINT snowflake_sync_known_columns_configuration_id_workflow_id_k_key UNIQUE (configuration_id, workflow_id, key);
ALTER TABLE ONLY public.snowflake_sync_known_columns
    ADD CONSTRAINT snowflake_sync_known_columns_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_latencies
    ADD CONSTRAINT snowflake_sync_latencies_pkey PRIMARY KEY (kind, bound);
ALTER TABLE ONLY public.snowflake_sync_logins
    ADD CONSTRAINT snowflake_sync_logins_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.snowflake_sync_mutes
    ADD CONSTRAINT snowflake_sync_mutes_owner_id_kind_error_code_workflow_id_c_key UNIQUE NULLS NOT DISTINCT (owner_id, kind, error_code, workflow_id, configuration_id);
ALTER TABLE ONLY public.snowflake_sync_mutes
    ADD CONSTRAINT snowflake_sync_mutes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_preferences
    ADD CONSTRAINT snowflake_sync_preferences_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.snowflake_sync_queue
    ADD CONSTRAINT snowflake_sync_queue_pkey PRIMARY KEY (id);
ALTER TABLE public.snowflake_sync_queue
    ADD CONSTRAINT snowflake_sync_queue_status_known CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'skipped'::text]))) NO INHERIT NOT VALID;
ALTER TABLE ONLY public.snowflake_sync_reconciliations
    ADD CONSTRAINT snowflake_sync_reconciliations_pkey PRIMARY KEY (configuration_id);
ALTER TABLE ONLY public.snowflake_sync_removed_items
    ADD CONSTRAINT snowflake_sync_removed_items_pkey PRIMARY KEY (configuration_id, execution_id);
ALTER TABLE ONLY public.snowflake_sync_results
    ADD CONSTRAINT snowflake_sync_results_pkey PRIMARY KEY (configuration_id, execution_id);
ALTER TABLE ONLY public.snowflake_sync_retention
    ADD CONSTRAINT snowflake_sync_retention_configuration_id_workflow_id_key UNIQUE NULLS NOT DISTINCT (configuration_id, workflow_id);
ALTER TABLE ONLY public.snowflake_sync_retention
    ADD CONSTRAINT snowflake_sync_retention_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_retention_walks
    ADD CONSTRAINT snowflake_sync_retention_walks_pkey PRIMARY KEY (configuration_id, kind);
ALTER TABLE ONLY public.snowflake_sync_rollup_made
    ADD CONSTRAINT snowflake_sync_rollup_made_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_rollup
    ADD CONSTRAINT snowflake_sync_rollup_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.snowflake_sync_rule_versions
    ADD CONSTRAINT snowflake_sync_rule_versions_configuration_id_version_key UNIQUE (configuration_id, version);
ALTER TABLE ONLY public.snowflake_sync_rule_versions
    ADD CONSTRAINT snowflake_sync_rule_versions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_rules
    ADD CONSTRAINT snowflake_sync_rules_configuration_id_name_key UNIQUE (configuration_id, name);
ALTER TABLE ONLY public.snowflake_sync_rules
    ADD CONSTRAINT snowflake_sync_rules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_sweep
    ADD CONSTRAINT snowflake_sync_sweep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_tables
    ADD CONSTRAINT snowflake_sync_tables_configuration_id_database_name_schema_key UNIQUE (configuration_id, database_name, schema_name, table_name);
ALTER TABLE ONLY public.snowflake_sync_tables
    ADD CONSTRAINT snowflake_sync_tables_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_turns
    ADD CONSTRAINT snowflake_sync_turns_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_user_groups
    ADD CONSTRAINT snowflake_sync_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_user_groups
    ADD CONSTRAINT snowflake_sync_user_groups_user_id_group_id_key UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.snowflake_sync_user_permissions
    ADD CONSTRAINT snowflake_sync_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.snowflake_sync_user_permissions
    ADD CONSTRAINT snowflake_sync_user_permissions_user_id_permission_id_key UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.snowflake_sync_views
    ADD CONSTRAINT snowflake_sync_views_pkey PRIMARY KEY (configuration_id, workflow_id);
ALTER TABLE ONLY public.snowflake_sync_withdrawals
    ADD CONSTRAINT snowflake_sync_withdrawals_pkey PRIMARY KEY (configuration_id, execution_id);
ALTER TABLE ONLY public.snowflake_sync_workers
    ADD CONSTRAINT snowflake_sync_workers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflow_executions
    ADD CONSTRAINT workflow_executions_execution_id_key UNIQUE (execution_id);
ALTER TABLE ONLY public.workflow_executions
    ADD CONSTRAINT workflow_executions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_workflow_id_key UNIQUE (workflow_id);
CREATE INDEX snowflake_sync_activity_action_idx ON public.snowflake_sync_activity USING btree (action, at, id);
CREATE INDEX snowflake_sync_activity_at_idx ON public.snowflake_sync_activity USING btree (at, id);
CREATE INDEX snowflake_sync_activity_owner_idx ON public.snowflake_sync_activity USING btree (owner_id, at, id);
CREATE INDEX snowflake_sync_activity_subject_idx ON public.snowflake_sync_activity USING btree (subject_kind, subject_id, at, id);
CREATE INDEX snowflake_sync_activity_user_idx ON public.snowflake_sync_activity USING btree (user_id, at, id);
CREATE INDEX snowflake_sync_alert_channels_user_idx ON public.snowflake_sync_alert_channels USING btree (user_id);
CREATE INDEX snowflake_sync_alert_deliveries_alerts_idx ON public.snowflake_sync_alert_deliveries USING gin (alert_ids);
CREATE INDEX snowflake_sync_alert_deliveries_channel_idx ON public.snowflake_sync_alert_deliveries USING btree (channel_id, created_at);
CREATE INDEX snowflake_sync_alert_deliveries_due_idx ON public.snowflake_sync_alert_deliveries USING btree (due_at) WHERE ((delivered_at IS NULL) AND (given_up_at IS NULL));
CREATE INDEX snowflake_sync_alerts_closed_idx ON public.snowflake_sync_alerts USING btree (closed_at) WHERE (closed_at IS NOT NULL);
CREATE UNIQUE INDEX snowflake_sync_alerts_open_key ON public.snowflake_sync_alerts USING btree (kind, key) WHERE (closed_at IS NULL);
CREATE INDEX snowflake_sync_alerts_opened_idx ON public.snowflake_sync_alerts USING btree (opened_at, id);
CREATE INDEX snowflake_sync_alerts_user_idx ON public.snowflake_sync_alerts USING btree (user_id, opened_at, id);
CREATE INDEX snowflake_sync_api_tokens_made_with_idx ON public.snowflake_sync_api_tokens USING btree (made_with_id) WHERE (made_with_id IS NOT NULL);
CREATE INDEX snowflake_sync_api_tokens_token_key_idx ON public.snowflake_sync_api_tokens USING btree (token_key);
CREATE INDEX snowflake_sync_api_tokens_user_id_idx ON public.snowflake_sync_api_tokens USING btree (user_id);
CREATE INDEX snowflake_sync_attempts_item_idx ON public.snowflake_sync_attempts USING btree (item_id, id);
CREATE INDEX snowflake_sync_configurations_user_idx ON public.snowflake_configurations USING btree (user_id, created_at, id);
CREATE INDEX snowflake_sync_error_groups_user_idx ON public.snowflake_sync_error_groups USING btree (user_id);
CREATE INDEX snowflake_sync_findings_closed_idx ON public.snowflake_sync_findings USING btree (configuration_id, closed_how, closed_at) WHERE (closed_at IS NOT NULL);
CREATE UNIQUE INDEX snowflake_sync_findings_open_key ON public.snowflake_sync_findings USING btree (configuration_id, database_name, schema_name, table_name, kind) WHERE (closed_at IS NULL);
CREATE INDEX snowflake_sync_history_destination_idx ON public.snowflake_sync_history USING btree (configuration_id, grain, at) WHERE (grain = ANY (ARRAY['hour'::text, 'ever'::text]));
CREATE INDEX snowflake_sync_queue_batch_idx ON public.snowflake_sync_queue USING btree (configuration_id, status, batch_key, run_after, id) WHERE ((batch_key IS NOT NULL) AND (status = ANY (ARRAY['pending'::text, 'processing'::text])));
CREATE INDEX snowflake_sync_queue_failed_at_idx ON public.snowflake_sync_queue USING btree (updated_at, id) INCLUDE (user_id, execution_id, configuration_id, error_code) WHERE (status = 'failed'::text);
CREATE INDEX snowflake_sync_queue_failed_code_idx ON public.snowflake_sync_queue USING btree (error_code, updated_at) WHERE (status = 'failed'::text);
CREATE INDEX snowflake_sync_queue_listing_idx ON public.snowflake_sync_queue USING btree (user_id, status, created_at, id) WHERE ((status <> 'processing'::text) AND ((status <> 'pending'::text) OR (configuration_id IS NOT NULL)));
CREATE INDEX snowflake_sync_queue_processing_idx ON public.snowflake_sync_queue USING btree (worker_id) WHERE (status = 'processing'::text);
CREATE INDEX snowflake_sync_queue_routable_idx ON public.snowflake_sync_queue USING btree (run_after, id) WHERE ((status = 'pending'::text) AND (configuration_id IS NULL));
CREATE UNIQUE INDEX snowflake_sync_queue_routed_key ON public.snowflake_sync_queue USING btree (execution_id, configuration_id);
CREATE INDEX snowflake_sync_queue_skipped_idx ON public.snowflake_sync_queue USING btree (user_id) WHERE (status = 'skipped'::text);
CREATE INDEX snowflake_sync_queue_solo_idx ON public.snowflake_sync_queue USING btree (configuration_id, run_after, id) WHERE ((status = 'pending'::text) AND (configuration_id IS NOT NULL) AND (batch_key IS NULL));
CREATE UNIQUE INDEX snowflake_sync_queue_unrouted_key ON public.snowflake_sync_queue USING btree (execution_id) WHERE (configuration_id IS NULL);
CREATE INDEX snowflake_sync_queue_user_failed_idx ON public.snowflake_sync_queue USING btree (user_id, updated_at) WHERE (status = 'failed'::text);
CREATE INDEX snowflake_sync_results_computed_idx ON public.snowflake_sync_results USING btree (configuration_id, workflow_id, computed_at, execution_id);
CREATE INDEX snowflake_sync_results_going_idx ON public.snowflake_sync_results USING btree (configuration_id, goes_at) WHERE (goes_at IS NOT NULL);
CREATE INDEX snowflake_sync_results_loaded_idx ON public.snowflake_sync_results USING btree (configuration_id, workflow_id, loaded_at, execution_id);
CREATE INDEX snowflake_sync_rollup_user_idx ON public.snowflake_sync_rollup USING btree (user_id);
CREATE INDEX snowflake_sync_tables_computed_idx ON public.snowflake_sync_tables USING btree (configuration_id, workflow_id, computed_at DESC, execution_id DESC) WHERE (execution_id IS NOT NULL);
CREATE UNIQUE INDEX snowflake_sync_tables_own_key ON public.snowflake_sync_tables USING btree (execution_id, configuration_id, database_name, schema_name) WHERE (execution_id IS NOT NULL);
CREATE INDEX snowflake_sync_turns_asleep_idx ON public.snowflake_sync_turns USING btree (due_at, id) WHERE (turn IS NULL);
CREATE INDEX snowflake_sync_turns_destination_idx ON public.snowflake_sync_turns USING btree (configuration_id, turn) WHERE (turn IS NOT NULL);
CREATE INDEX snowflake_sync_turns_line_idx ON public.snowflake_sync_turns USING btree (turn, id) WHERE (turn IS NOT NULL);
CREATE INDEX snowflake_sync_turns_user_idx ON public.snowflake_sync_turns USING btree (user_id, turn) WHERE (turn IS NOT NULL);
CREATE UNIQUE INDEX snowflake_sync_views_name_key ON public.snowflake_sync_views USING btree (configuration_id, upper(latest_name));
CREATE INDEX snowflake_sync_views_shared_idx ON public.snowflake_sync_views USING btree (configuration_id, shared_schema, shared_table);
CREATE TRIGGER snowflake_sync_destination_changed AFTER UPDATE ON public.snowflake_configurations FOR EACH ROW WHEN ((((NOT old.is_active) AND new.is_active) OR (old.account_identifier IS DISTINCT FROM new.account_identifier) OR (old.warehouse IS DISTINCT FROM new.warehouse) OR (old.database IS DISTINCT FROM new.database) OR (old.schema IS DISTINCT FROM new.schema) OR (old.role IS DISTINCT FROM new.role) OR (old.username IS DISTINCT FROM new.username) OR (old.auth_method IS DISTINCT FROM new.auth_method) OR (((old.password_encrypted IS DISTINCT FROM new.password_encrypted) OR (old.private_key_encrypted IS DISTINCT FROM new.private_key_encrypted) OR (old.token_encrypted IS DISTINCT FROM new.token_encrypted)) AND (current_setting('snowflake_sync.same_secrets'::text, true) IS DISTINCT FROM 'on'::text)))) EXECUTE FUNCTION public.snowflake_sync_note_change();
CREATE TRIGGER snowflake_sync_destination_made AFTER INSERT ON public.snowflake_configurations FOR EACH ROW EXECUTE FUNCTION public.snowflake_sync_note_destination();
CREATE TRIGGER snowflake_sync_destination_ready AFTER UPDATE ON public.snowflake_sync_destination_states FOR EACH ROW WHEN (((new.settings_version <> old.settings_version) OR ((new.breaker_state = 'closed'::text) AND (old.breaker_state <> 'closed'::text)) OR (new.breaker_until IS DISTINCT FROM old.breaker_until) OR ((new.trial_until IS NULL) AND (old.trial_until IS NOT NULL)) OR ((new.last_login_at IS NOT NULL) AND (old.last_login_at IS NULL)))) EXECUTE FUNCTION public.snowflake_sync_note_ready();
CREATE TRIGGER snowflake_sync_interval_shortened AFTER UPDATE ON public.snowflake_configurations FOR EACH ROW WHEN ((new.min_interval < old.min_interval)) EXECUTE FUNCTION public.snowflake_sync_note_ready();
CREATE TRIGGER snowflake_sync_item_catalogued AFTER UPDATE ON public.snowflake_sync_queue FOR EACH ROW WHEN (((new.status <> 'processing'::text) AND (new.configuration_id IS NOT NULL) AND (((new.status <> old.status) AND (NOT ((new.status = 'pending'::text) AND (old.status = 'processing'::text)))) OR (new.schema_name IS DISTINCT FROM old.schema_name) OR (new.table_name IS DISTINCT FROM old.table_name) OR (new.row_count IS DISTINCT FROM old.row_count) OR (new.source_row_count IS DISTINCT FROM old.source_row_count) OR (new.rules_version IS DISTINCT FROM old.rules_version) OR (new.error_code IS DISTINCT FROM old.error_code) OR (new.error_message IS DISTINCT FROM old.error_message)))) EXECUTE FUNCTION public.snowflake_sync_note_catalogue();
CREATE TRIGGER snowflake_sync_item_catalogued_at_once AFTER INSERT ON public.snowflake_sync_queue FOR EACH ROW WHEN (((new.status <> ALL (ARRAY['pending'::text, 'processing'::text])) AND (new.configuration_id IS NOT NULL))) EXECUTE FUNCTION public.snowflake_sync_note_catalogue();
CREATE TRIGGER snowflake_sync_item_due AFTER UPDATE ON public.snowflake_sync_queue FOR EACH ROW WHEN (((new.status = 'pending'::text) AND (new.configuration_id IS NOT NULL) AND ((old.status <> 'pending'::text) OR (new.run_after < old.run_after) OR (new.configuration_id IS DISTINCT FROM old.configuration_id) OR (new.batch_key IS DISTINCT FROM old.batch_key)))) EXECUTE FUNCTION public.snowflake_sync_note_item_due();
CREATE TRIGGER snowflake_sync_items_due AFTER INSERT ON public.snowflake_sync_queue REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION public.snowflake_sync_note_items_due();
CREATE TRIGGER snowflake_sync_note_removed AFTER DELETE ON public.snowflake_sync_queue FOR EACH ROW WHEN (((old.configuration_id IS NOT NULL) AND ((old.table_name IS NULL) OR (old.requested_table IS NOT NULL) OR (old.batch_key IS NOT NULL)))) EXECUTE FUNCTION public.snowflake_sync_note_removed();
CREATE TRIGGER snowflake_sync_note_result AFTER UPDATE ON public.snowflake_sync_queue FOR EACH ROW WHEN (((new.configuration_id IS NOT NULL) AND (((old.table_name IS NOT NULL) AND (new.table_name IS NULL)) OR ((old.status = 'processing'::text) AND (new.processed_at IS DISTINCT FROM old.processed_at) AND (new.error_code IS NULL) AND (new.table_name IS NOT NULL))))) EXECUTE FUNCTION public.snowflake_sync_note_result();
CREATE TRIGGER snowflake_sync_note_truncated BEFORE TRUNCATE ON public.snowflake_sync_queue FOR EACH STATEMENT EXECUTE FUNCTION public.snowflake_sync_note_removed();
CREATE TRIGGER snowflake_sync_refuse_update BEFORE UPDATE ON public.snowflake_sync_inbox FOR EACH ROW EXECUTE FUNCTION public.snowflake_sync_refuse_update();
CREATE TRIGGER snowflake_sync_refuse_worker BEFORE INSERT ON public.snowflake_sync_workers FOR EACH ROW WHEN ((NOT new.follows_rules)) EXECUTE FUNCTION public.snowflake_sync_refuse_worker();
CREATE TRIGGER snowflake_sync_result_catalogued AFTER DELETE ON public.snowflake_sync_results FOR EACH ROW EXECUTE FUNCTION public.snowflake_sync_note_taken_out();
CREATE TRIGGER trigger_queue_universal_snowflake_sync AFTER UPDATE OF status, result_columns, result_rows ON public.workflow_executions FOR EACH ROW WHEN ((new.status = 'completed'::text)) EXECUTE FUNCTION public.queue_execution_for_universal_snowflake_sync();
CREATE TRIGGER trigger_queue_universal_snowflake_sync_insert AFTER INSERT ON public.workflow_executions FOR EACH ROW WHEN ((new.status = 'completed'::text)) EXECUTE FUNCTION public.queue_execution_for_universal_snowflake_sync();
ALTER TABLE ONLY public.snowflake_configurations
    ADD CONSTRAINT snowflake_configurations_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_alert_channels
    ADD CONSTRAINT snowflake_sync_alert_channels_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_alert_deliveries
    ADD CONSTRAINT snowflake_sync_alert_deliveries_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.snowflake_sync_alert_channels(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_api_tokens
    ADD CONSTRAINT snowflake_sync_api_tokens_made_with_id_fkey FOREIGN KEY (made_with_id) REFERENCES public.snowflake_sync_api_tokens(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_api_tokens
    ADD CONSTRAINT snowflake_sync_api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_attempts
    ADD CONSTRAINT snowflake_sync_attempts_item_id_fkey FOREIGN KEY (item_id) REFERENCES public.snowflake_sync_queue(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_catalogue_workflows
    ADD CONSTRAINT snowflake_sync_catalogue_workflows_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_catalogues
    ADD CONSTRAINT snowflake_sync_catalogues_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_destination_states
    ADD CONSTRAINT snowflake_sync_destination_states_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_findings
    ADD CONSTRAINT snowflake_sync_findings_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_freshness
    ADD CONSTRAINT snowflake_sync_freshness_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_hash_keys
    ADD CONSTRAINT snowflake_sync_hash_keys_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_known_columns
    ADD CONSTRAINT snowflake_sync_known_columns_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_logins
    ADD CONSTRAINT snowflake_sync_logins_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_preferences
    ADD CONSTRAINT snowflake_sync_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_queue
    ADD CONSTRAINT snowflake_sync_queue_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_queue
    ADD CONSTRAINT snowflake_sync_queue_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES public.workflow_executions(execution_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_reconciliations
    ADD CONSTRAINT snowflake_sync_reconciliations_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_retention
    ADD CONSTRAINT snowflake_sync_retention_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_retention_walks
    ADD CONSTRAINT snowflake_sync_retention_walks_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_rule_versions
    ADD CONSTRAINT snowflake_sync_rule_versions_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_rules
    ADD CONSTRAINT snowflake_sync_rules_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_user_groups
    ADD CONSTRAINT snowflake_sync_user_groups_group_id_fkey FOREIGN KEY (group_id) REFERENCES public.auth_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_user_groups
    ADD CONSTRAINT snowflake_sync_user_groups_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_user_permissions
    ADD CONSTRAINT snowflake_sync_user_permissions_permission_id_fkey FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_user_permissions
    ADD CONSTRAINT snowflake_sync_user_permissions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.snowflake_sync_views
    ADD CONSTRAINT snowflake_sync_views_configuration_id_fkey FOREIGN KEY (configuration_id) REFERENCES public.snowflake_configurations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.workflow_executions
    ADD CONSTRAINT workflow_executions_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES public.workflows(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.workflows
    ADD CONSTRAINT workflows_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;
ALTER TABLE public.snowflake_configurations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_alert_channels ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_alert_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_alert_looks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_api_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_api_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_catalogue_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_catalogue_workflows ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_catalogues ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_destination_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_error_groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_failed_workflows ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_findings ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_freshness ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_hash_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_history_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_install_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_known_columns ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_latencies ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_logins ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_mutes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_queue ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_reconciliations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_removed_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_results ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_retention_walks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_rollup ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_rollup_made ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_rule_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_sweep ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_tables ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_turns ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_user_groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_user_permissions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_withdrawals ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.snowflake_sync_workers ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON FUNCTION public.queue_execution_for_universal_snowflake_sync() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_ensure_columns(relation text, columns text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_ensure_settings(relation text, settings text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_ensure_table(relation text, definition text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_ensure_view(relation text, query text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_log_displaced(kind text, relation text, name text, definition text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_catalogue() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_destination() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_item_due() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_items_due() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_ready() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_removed() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_result() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_note_taken_out() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_refuse_update() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_refuse_worker() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_remove_created(relation_name text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.snowflake_sync_restore_displaced(wanted_kind text, wanted_relation text) FROM PUBLIC;
