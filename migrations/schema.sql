CREATE FUNCTION public.grams(words text, personal_words text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT COST 1000 PARALLEL SAFE
    AS $$
SELECT array_to_tsvector(array_remove(string_to_array(
    regexp_replace(small, '(..)', E'\\1\x01', 'g') || E'\x01' ||
    regexp_replace(substr(small, 2), '(..)', E'\\1\x01', 'g'), E'\x01'), ''))
FROM (
    SELECT left(lower((words || E'\n' || personal_words) COLLATE "C"), 130000) AS small OFFSET 0
) AS cut
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: nothing in it is changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION public.refuse_change_but_restamp() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'xid' = to_jsonb(OLD) - 'xid' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: nothing in it is changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TABLE public.adopted_law (
    id bigint NOT NULL,
    release text NOT NULL,
    version text NOT NULL,
    adopted_at timestamp with time zone NOT NULL
);

ALTER TABLE public.adopted_law ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.adopted_law_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.client (
    id text NOT NULL,
    organisation text NOT NULL,
    secret_digest text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone
);

CREATE TABLE public.entry (
    id bigint NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    kind text NOT NULL,
    record_id uuid NOT NULL,
    version integer NOT NULL,
    digest text NOT NULL,
    event_id uuid,
    node text,
    at timestamp with time zone NOT NULL,
    CONSTRAINT entry_kind_check CHECK ((kind = ANY (ARRAY['record'::text, 'correction'::text, 'withdrawal'::text, 'event'::text, 'event_withdrawal'::text, 'node'::text, 'disclosure'::text])))
);

ALTER TABLE public.entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.event (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    event text NOT NULL,
    identity text NOT NULL,
    payload text NOT NULL,
    party text NOT NULL,
    client_id text NOT NULL,
    received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.feed (
    "position" bigint NOT NULL,
    entry_id bigint NOT NULL
);

CREATE TABLE public.holiday_notice (
    id bigint NOT NULL,
    year integer NOT NULL,
    notice text NOT NULL,
    version text NOT NULL,
    added_at timestamp with time zone NOT NULL
);

ALTER TABLE public.holiday_notice ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.holiday_notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.kept_answer (
    client_id text NOT NULL,
    key_digest text NOT NULL,
    fingerprint text NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    status integer
);

CREATE TABLE public.kept_answer_part (
    client_id text NOT NULL,
    key_digest text NOT NULL,
    part integer NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE public.node (
    record_id uuid NOT NULL,
    node text NOT NULL,
    record_type text NOT NULL,
    organisation text NOT NULL,
    region text NOT NULL,
    field text NOT NULL,
    responsible text NOT NULL,
    due_at timestamp with time zone,
    warn_at timestamp with time zone,
    is_done boolean NOT NULL,
    duty text NOT NULL,
    standing text NOT NULL,
    role text NOT NULL,
    advisory boolean NOT NULL,
    is_numbered boolean NOT NULL,
    opened_on date NOT NULL,
    done_on date,
    alarm_at timestamp with time zone,
    law text NOT NULL
);

CREATE TABLE public.node_history (
    id bigint NOT NULL,
    record_id uuid NOT NULL,
    node text NOT NULL,
    computed_at timestamp with time zone NOT NULL,
    law text NOT NULL,
    cause text NOT NULL,
    duty text NOT NULL
);

ALTER TABLE public.node_history ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.node_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.organisation (
    code text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    region text NOT NULL,
    field text,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.record (
    id uuid NOT NULL,
    record_type text NOT NULL,
    organisation text NOT NULL,
    source_id text NOT NULL,
    region text NOT NULL,
    field text NOT NULL,
    document_no text,
    version integer NOT NULL,
    state text NOT NULL,
    digest text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    party_code text,
    decided_on date
);

CREATE TABLE public.sequencer (
    one boolean DEFAULT true NOT NULL,
    epoch uuid NOT NULL,
    system_identifier bigint NOT NULL,
    watermark xid8 NOT NULL,
    head bigint NOT NULL,
    CONSTRAINT sequencer_one_check CHECK (one)
);

CREATE TABLE public.trail (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    client_id text,
    organisation text,
    role text,
    action text NOT NULL,
    outcome text NOT NULL,
    record_type text,
    record_id uuid,
    version integer,
    detail text
);

ALTER TABLE public.trail ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.trail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.version (
    record_id uuid NOT NULL,
    version integer NOT NULL,
    payload text NOT NULL,
    digest text NOT NULL,
    warnings text NOT NULL,
    client_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    reason text,
    stated_since text
);

CREATE TABLE public.withdrawal (
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    event_id uuid,
    reason text NOT NULL,
    client_id text NOT NULL,
    received_at timestamp with time zone NOT NULL
);

CREATE TABLE public.wording (
    record_id uuid NOT NULL,
    party_name text,
    party_is_person boolean NOT NULL,
    words text NOT NULL,
    personal_words text NOT NULL,
    unseen text NOT NULL
);

ALTER TABLE ONLY public.adopted_law
    ADD CONSTRAINT adopted_law_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.client
    ADD CONSTRAINT client_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_record_id_identity_key UNIQUE (record_id, identity);

ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_entry_id_key UNIQUE (entry_id);

ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.holiday_notice
    ADD CONSTRAINT holiday_notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.kept_answer_part
    ADD CONSTRAINT kept_answer_part_pkey PRIMARY KEY (client_id, key_digest, part);

ALTER TABLE ONLY public.kept_answer
    ADD CONSTRAINT kept_answer_pkey PRIMARY KEY (client_id, key_digest);

ALTER TABLE ONLY public.node_history
    ADD CONSTRAINT node_history_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_pkey PRIMARY KEY (record_id, node);

ALTER TABLE ONLY public.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.record
    ADD CONSTRAINT record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.record
    ADD CONSTRAINT record_record_type_source_id_organisation_key UNIQUE (record_type, source_id, organisation);

ALTER TABLE ONLY public.sequencer
    ADD CONSTRAINT sequencer_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.trail
    ADD CONSTRAINT trail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.version
    ADD CONSTRAINT version_pkey PRIMARY KEY (record_id, version);

ALTER TABLE ONLY public.withdrawal
    ADD CONSTRAINT withdrawal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.withdrawal
    ADD CONSTRAINT withdrawal_record_id_event_id_key UNIQUE NULLS NOT DISTINCT (record_id, event_id);

ALTER TABLE ONLY public.wording
    ADD CONSTRAINT wording_pkey PRIMARY KEY (record_id);

CREATE INDEX entry_event_id_idx ON public.entry USING btree (event_id) WHERE (event_id IS NOT NULL);

CREATE INDEX entry_record_id_version_idx ON public.entry USING btree (record_id, version);

CREATE INDEX entry_xid_id_idx ON public.entry USING btree (xid, id);

CREATE INDEX kept_answer_begun_at_idx ON public.kept_answer USING btree (begun_at);

CREATE INDEX node_alarm_idx ON public.node USING btree (alarm_at, record_id) WHERE (alarm_at IS NOT NULL);

CREATE INDEX node_history_record_id_node_idx ON public.node_history USING btree (record_id, node);

CREATE INDEX node_law_idx ON public.node USING btree (law, record_id) WHERE (standing <> ALL (ARRAY['done'::text, 'done_late'::text]));

CREATE INDEX node_organisation_list_idx ON public.node USING btree (organisation, standing, advisory, COALESCE(due_at, 'infinity'::timestamp with time zone), record_id, node) INCLUDE (region, field, record_type, role, is_numbered, opened_on, done_on, due_at, warn_at);

CREATE INDEX node_record_type_standing_record_id_idx ON public.node USING btree (record_type, standing, record_id) INCLUDE (due_at, warn_at);

CREATE INDEX node_region_list_idx ON public.node USING btree (region, standing, advisory, COALESCE(due_at, 'infinity'::timestamp with time zone), record_id, node) INCLUDE (organisation, field, record_type, role, is_numbered, opened_on, done_on, due_at, warn_at);

CREATE INDEX node_responsible_list_idx ON public.node USING btree (responsible, standing, advisory, COALESCE(due_at, 'infinity'::timestamp with time zone), record_id, node) INCLUDE (organisation, region, field, record_type, role, is_numbered, opened_on, done_on, due_at, warn_at) WHERE (responsible <> organisation);

CREATE INDEX record_document_no_id_idx ON public.record USING btree (document_no, id);

CREATE INDEX record_party_code_id_idx ON public.record USING btree (party_code, id);

CREATE INDEX record_record_type_field_region_id_idx ON public.record USING btree (record_type, field, region, id);

CREATE INDEX record_record_type_organisation_decided_on_id_idx ON public.record USING btree (record_type, organisation, decided_on, id);

CREATE INDEX record_record_type_organisation_id_idx ON public.record USING btree (record_type, organisation, id);

CREATE INDEX record_record_type_region_decided_on_id_idx ON public.record USING btree (record_type, region, decided_on, id);

CREATE INDEX record_record_type_region_id_idx ON public.record USING btree (record_type, region, id);

CREATE INDEX record_record_type_state_region_id_idx ON public.record USING btree (record_type, state, region, id);

CREATE INDEX wording_grams_idx ON public.wording USING gin (public.grams(words, personal_words));

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.adopted_law FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change_but_restamp();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.feed FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.holiday_notice FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.node_history FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.trail FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.version FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.withdrawal FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.adopted_law FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.feed FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.holiday_notice FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.node_history FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.trail FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.withdrawal FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.client
    ADD CONSTRAINT client_organisation_fkey FOREIGN KEY (organisation) REFERENCES public.organisation(code);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.event(id);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_record_id_fkey FOREIGN KEY (record_id) REFERENCES public.record(id);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_record_id_fkey FOREIGN KEY (record_id) REFERENCES public.record(id);

ALTER TABLE ONLY public.feed
    ADD CONSTRAINT feed_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.entry(id);

ALTER TABLE ONLY public.kept_answer_part
    ADD CONSTRAINT kept_answer_part_client_id_fkey FOREIGN KEY (client_id, key_digest) REFERENCES public.kept_answer(client_id, key_digest) ON DELETE CASCADE;

ALTER TABLE ONLY public.node_history
    ADD CONSTRAINT node_history_record_id_fkey FOREIGN KEY (record_id, node) REFERENCES public.node(record_id, node);

ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_record_id_fkey FOREIGN KEY (record_id) REFERENCES public.record(id);

ALTER TABLE ONLY public.version
    ADD CONSTRAINT version_record_id_fkey FOREIGN KEY (record_id) REFERENCES public.record(id);

ALTER TABLE ONLY public.withdrawal
    ADD CONSTRAINT withdrawal_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.event(id);

ALTER TABLE ONLY public.withdrawal
    ADD CONSTRAINT withdrawal_record_id_fkey FOREIGN KEY (record_id) REFERENCES public.record(id);

ALTER TABLE ONLY public.wording
    ADD CONSTRAINT wording_record_id_fkey FOREIGN KEY (record_id) REFERENCES public.record(id);
