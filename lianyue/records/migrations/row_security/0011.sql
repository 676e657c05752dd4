-- Whoever signs besides the parties, once asked, is a party in all that is seen and heard of the agreement.
CREATE FUNCTION viewer_signs_along(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT viewer_is_concerned(wanted) AND EXISTS (
        SELECT 1 FROM service_contract, jsonb_array_elements(order_json::jsonb #> '{contract,signing,groups}') AS signers
        WHERE number = wanted AND (signers -> 'companies') @> to_jsonb(viewer_company())
    )
$$

CREATE OR REPLACE FUNCTION viewer_is_party(wanted text, wanted_version bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$
    SELECT EXISTS (
        SELECT 1 FROM agreement
        WHERE number = wanted AND version = coalesce(wanted_version, version) AND (
            (agreement_json::jsonb -> 'parties') @> to_jsonb(viewer_company()) OR viewer_signs_along(wanted)
        )
    )
$$

CREATE OR REPLACE FUNCTION is_for_companies(verb text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT verb IN ('signed_by', 'voided', 'delivered', 'not_rated', 'amendment_proposed', 'amended',
        'amendment_refused', 'delivered_by', 'returned', 'settled', 'clawed_back', 'passed_over', 'drafted',
        'finalised', 'opened', 'claimed', 'submitted', 'declined', 'transferred', 'delegated', 'co_sign_asked',
        'copied', 'given_back', 'withdrawn', 'reminded', 'expired', 'overdue', 'escalated', 'excluded', 'waived',
        'voided_for', 'sign_again', 'cancelled')
$$

ALTER POLICY viewers ON agreement USING (
    (SELECT viewer_oversees()) OR (agreement_json::jsonb -> 'parties') @> to_jsonb((SELECT viewer_company()))
    OR viewer_signs_along(number)
)

CREATE POLICY viewers ON document_revision FOR SELECT USING (
    (SELECT viewer_oversees()) OR viewer_is_party(number, version)
)
