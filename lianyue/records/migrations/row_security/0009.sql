CREATE POLICY viewers ON evidence FOR SELECT USING (
    (SELECT viewer_oversees()) OR company = (SELECT viewer_company()) OR viewer_is_client(number)
)
