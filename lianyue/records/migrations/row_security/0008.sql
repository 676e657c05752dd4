-- Who looks, as their transaction says; without a company nobody looks, and nothing is seen.
-- Statements are divided by empty lines. A file that has been released is never edited: a later one alters.
CREATE FUNCTION viewer_company() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('lianyue.company', true), '') $$

CREATE FUNCTION viewer_user() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('lianyue.user', true), '') $$

CREATE FUNCTION viewer_oversees() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT viewer_company() IS NOT NULL AND coalesce(current_setting('lianyue.oversees', true), '') = 'yes' $$

CREATE FUNCTION viewer_is_client(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM service_contract WHERE number = wanted AND client = viewer_company()) $$

CREATE FUNCTION viewer_is_concerned(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT viewer_is_client(wanted)
        OR EXISTS (SELECT 1 FROM member_task WHERE number = wanted AND company = viewer_company())
$$

CREATE FUNCTION viewer_holds_task(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM member_task WHERE id = wanted AND company = viewer_company()) $$

CREATE FUNCTION viewer_is_party(wanted text, wanted_version bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT EXISTS (
        SELECT 1 FROM agreement
        WHERE number = wanted AND version = coalesce(wanted_version, version)
            AND (agreement_json::jsonb -> 'parties') @> to_jsonb(viewer_company())
    )
$$

-- A decision is known outside the office once its award was approved, or the contract failed with it.
CREATE FUNCTION is_announced(wanted text, outcome text, decided text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT CASE WHEN outcome = 'awarded' THEN EXISTS (
        SELECT 1 FROM happening
        WHERE number = wanted AND verb = 'allocated'
            AND happening_json::jsonb #> '{facts,members}' = decided::jsonb -> 'selected'
            AND happening_json::jsonb #> '{facts,amount_fen}' = decided::jsonb -> 'amount_fen'
    ) ELSE EXISTS (SELECT 1 FROM service_contract WHERE number = wanted AND stage = 'failed') END
$$

CREATE FUNCTION viewer_buys_from(wanted text, member text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT viewer_is_client(wanted) AND coalesce((
        SELECT (decision_json::jsonb -> 'selected') @> to_jsonb(member) FROM decision
        WHERE number = wanted AND is_announced(number, outcome, decision_json)
        ORDER BY occurrence DESC LIMIT 1
    ), false)
$$

-- What of a document is shown to others than overseers: the rest is taken out before it leaves the database.
CREATE FUNCTION only_own(given jsonb) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT CASE WHEN given -> viewer_company() IS NULL THEN '{}'::jsonb
        ELSE jsonb_build_object(viewer_company(), given -> viewer_company()) END
$$

CREATE FUNCTION own_fees(given jsonb) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT coalesce(jsonb_agg(fee), '[]'::jsonb) FROM jsonb_array_elements(coalesce(given, '[]'::jsonb)) AS fee
    WHERE viewer_company() IN (fee ->> 'payer', fee ->> 'payee')
$$

CREATE FUNCTION decision_seen(given text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$
    SELECT (
        given::jsonb
        || '{"eligible": [], "ranking": [], "ties": [], "trace": [], "queue_turns": [], "queue_after": null}'::jsonb
        || '{"abnormally_low": [], "note": "", "after": []}'::jsonb
        || jsonb_build_object(
            'excluded', only_own(given::jsonb -> 'excluded'), 'scores', only_own(given::jsonb -> 'scores'),
            'waived', only_own(given::jsonb -> 'waived'), 'fees', own_fees(given::jsonb -> 'fees')
        )
    )::text
$$

CREATE FUNCTION facts_seen(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT (
        given::jsonb
        || '{"candidates": [], "queue": null, "draw": null, "declined": {}, "exceptions": []}'::jsonb
        || jsonb_build_object('contract', (given::jsonb -> 'contract')
            || '{"excluded_members": [], "consortia": [], "subcontracts": [], "consulted_by": []}'::jsonb
            || '{"area_served_by": [], "incumbent": "", "renewals": 0}'::jsonb)
    )::text
$$

CREATE FUNCTION order_seen(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT (
        given::jsonb || jsonb_build_object('contract', (given::jsonb -> 'contract')
            || '{"candidates": [], "excluded": [], "incumbent": null, "renewals": 0, "policy": null}'::jsonb)
    )::text
$$

CREATE FUNCTION happening_seen(verb text, given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT CASE
        WHEN verb = 'failed' THEN (given::jsonb || '{"facts": {}}'::jsonb)::text
        WHEN verb = 'cancelled' THEN (given::jsonb || jsonb_build_object('facts',
            jsonb_strip_nulls(jsonb_build_object('reason', given::jsonb #> '{facts,reason}'))))::text
        ELSE given END
$$

-- The audience of a happening by its verb, as in lianyue.access.permissions; what nobody decided on, nobody hears.
CREATE FUNCTION viewer_hears(wanted text, verb text, given jsonb) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT viewer_is_concerned(wanted) AND CASE
        WHEN verb = 'cancelled' AND given ->> 'task' <> '' THEN false
        WHEN verb IN ('registered', 'specified', 'allocated', 'signed', 'reviewed', 'cancelled', 'failed') THEN true
        WHEN verb IN ('suspended', 'resumed', 'cancellation_ordered') THEN true
        WHEN verb IN ('signed_by', 'voided', 'delivered', 'not_rated', 'amendment_proposed', 'amended',
            'amendment_refused') THEN viewer_is_client(wanted) OR viewer_is_party(wanted, NULL)
        WHEN verb IN ('delivered_by', 'returned', 'settled', 'clawed_back', 'passed_over', 'drafted', 'finalised')
            THEN viewer_is_client(wanted)
        ELSE false END
$$

CREATE FUNCTION is_for_companies(verb text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT verb IN ('signed_by', 'voided', 'delivered', 'not_rated', 'amendment_proposed', 'amended',
        'amendment_refused', 'delivered_by', 'returned', 'settled', 'clawed_back', 'passed_over', 'drafted',
        'finalised', 'opened', 'claimed', 'submitted', 'declined', 'transferred', 'delegated', 'co_sign_asked',
        'copied', 'given_back', 'withdrawn', 'reminded', 'expired', 'overdue', 'escalated', 'excluded', 'waived',
        'cancelled')
$$

CREATE SCHEMA seen

-- Before these three tables stand views of the same name, for rows that are shown in part.
CREATE VIEW seen.service_contract WITH (security_barrier) AS
SELECT number, title, category, client, park, value_fen, total_fen, quantity, stage, stage_at, is_suspended,
    suspended_at, body_hash, CASE WHEN viewer_oversees() THEN order_json ELSE order_seen(order_json) END AS order_json,
    started_by, started_at
FROM public.service_contract
WHERE (SELECT viewer_oversees()) OR client = (SELECT viewer_company())
    OR number IN (SELECT number FROM public.member_task WHERE company = (SELECT viewer_company()))

CREATE VIEW seen.decision WITH (security_barrier) AS
SELECT number, occurrence, outcome, amount_fen,
    CASE WHEN viewer_oversees() THEN facts_json ELSE facts_seen(facts_json) END AS facts_json,
    CASE WHEN viewer_oversees() THEN decision_json ELSE decision_seen(decision_json) END AS decision_json
FROM public.decision
WHERE (SELECT viewer_oversees()) OR (viewer_is_concerned(number) AND is_announced(number, outcome, decision_json))

CREATE VIEW seen.happening WITH (security_barrier) AS
SELECT id, effect_key, position, number, at, verb,
    CASE WHEN viewer_oversees() THEN happening_json ELSE happening_seen(verb, happening_json) END AS happening_json
FROM public.happening
WHERE (SELECT viewer_oversees()) OR viewer_hears(number, verb, happening_json::jsonb)
    OR (is_for_companies(verb) AND viewer_is_concerned(number) AND (
        happening_json::jsonb ->> 'company' = (SELECT viewer_company())
        OR viewer_holds_task(happening_json::jsonb ->> 'task')
    ))

CREATE POLICY viewers ON service_contract FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON decision FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON happening FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON alliance FOR SELECT USING ((SELECT viewer_company()) IS NOT NULL)

CREATE POLICY viewers ON edition FOR SELECT USING ((SELECT viewer_company()) IS NOT NULL)

CREATE POLICY viewers ON company FOR SELECT USING (
    (SELECT viewer_oversees()) OR code = (SELECT viewer_company())
    OR (kind <> 'member' AND (SELECT viewer_company()) IS NOT NULL)
)

CREATE POLICY viewers ON person FOR SELECT USING (
    (SELECT viewer_oversees()) OR company = (SELECT viewer_company())
)

CREATE POLICY viewers ON standing FOR SELECT USING (
    (SELECT viewer_oversees()) OR member = (SELECT viewer_company())
)

CREATE POLICY viewers ON member_task FOR SELECT USING (
    (SELECT viewer_oversees()) OR company = (SELECT viewer_company())
    OR (kind IN ('sign', 'deliver') AND viewer_is_client(number))
)

CREATE POLICY viewers ON task_act FOR SELECT USING (
    (SELECT viewer_oversees()) OR "user" = (SELECT viewer_user())
)

CREATE POLICY viewers ON copy FOR SELECT USING (
    (SELECT viewer_oversees()) OR "user" = (SELECT viewer_user())
)

CREATE POLICY viewers ON draft FOR SELECT USING ("user" = (SELECT viewer_user()))

CREATE POLICY viewers ON quote FOR SELECT USING (
    (SELECT viewer_oversees()) OR member = (SELECT viewer_company()) OR viewer_buys_from(number, member)
)

CREATE POLICY viewers ON agreement FOR SELECT USING (
    (SELECT viewer_oversees()) OR (agreement_json::jsonb -> 'parties') @> to_jsonb((SELECT viewer_company()))
)

CREATE POLICY viewers ON agreement_share FOR SELECT USING (
    (SELECT viewer_oversees()) OR viewer_is_party(number, version)
)

CREATE POLICY viewers ON signature FOR SELECT USING (
    (SELECT viewer_oversees()) OR viewer_is_party(number, version)
)

CREATE POLICY viewers ON settlement FOR SELECT USING (
    (SELECT viewer_oversees()) OR member = (SELECT viewer_company()) OR viewer_is_client(number)
)

CREATE POLICY viewers ON review FOR SELECT USING (
    (SELECT viewer_oversees()) OR member = (SELECT viewer_company()) OR viewer_is_client(number)
)

CREATE POLICY viewers ON screening FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON shadow_decision FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON reservation FOR SELECT USING (
    (SELECT viewer_oversees()) OR member = (SELECT viewer_company())
)

CREATE POLICY viewers ON rotation_queue FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON history FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON policy_exception FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON mandate FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON revocation FOR SELECT USING ((SELECT viewer_oversees()))

CREATE POLICY viewers ON refused_attempt FOR SELECT USING ((SELECT viewer_oversees()))
