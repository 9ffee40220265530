# ruff: noqa: E501  # one statement a line, as people paste them
"""Ordinary RevOps statements in Snowflake's SQL; `\\n` stands for a line's end."""

STATEMENTS = r"""
SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'
SELECT * FROM salesforce_contacts LIMIT 5
SELECT DISTINCT contact_id FROM SALESFORCE_CONTACTS WHERE contact_id IS NOT NULL
SELECT COUNT(*) FROM salesforce_contacts
SELECT COUNT(*), COUNT(DISTINCT contact_id) AS people FROM salesforce_contacts
SELECT "CONTACT_ID" FROM "SALESFORCE_CONTACTS" WHERE "SUBSCRIPTION_PLAN" = 'gold'
SELECT contact_id AS "Contact Id" FROM salesforce_contacts LIMIT 3
SELECT contact_id FROM salesforce_contacts QUALIFY ROW_NUMBER() OVER (PARTITION BY email ORDER BY last_touched DESC) = 1
SELECT contact_id, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY seats DESC) rn FROM salesforce_contacts QUALIFY rn = 1
SELECT contact_id FROM salesforce_contacts WHERE email ILIKE '%labs%'
SELECT contact_id FROM salesforce_contacts WHERE title ILIKE ANY ('%sales%', '%cfo%')
SELECT contact_id FROM salesforce_contacts WHERE email LIKE ANY ('a%', 'b%')
SELECT contact_id::string AS contact_id, seats::int FROM salesforce_contacts
SELECT CAST(seats AS VARCHAR) AS seats, TRY_CAST(title AS INT) FROM salesforce_contacts
SELECT contact_id FROM salesforce_contacts WHERE last_touched < DATEADD('day', -30, CURRENT_DATE())
SELECT contact_id FROM salesforce_contacts WHERE last_touched < DATEADD(month, -6, CURRENT_TIMESTAMP())
SELECT contact_id FROM salesforce_contacts WHERE last_touched >= CURRENT_DATE - INTERVAL '90 days'
SELECT contact_id FROM salesforce_contacts WHERE DATEDIFF('day', last_touched, CURRENT_TIMESTAMP()) > 60
SELECT DATE_TRUNC('month', last_touched) AS month, COUNT(*) FROM salesforce_contacts GROUP BY 1 ORDER BY 1
SELECT IFF(opted_out, 'no', 'yes') AS may_mail FROM salesforce_contacts
SELECT NVL(email, 'none') AS email FROM salesforce_contacts
SELECT NVL2(email, 'has', 'none') AS e, IFNULL(title, '-') FROM salesforce_contacts
SELECT COALESCE(NULLIF(TRIM(contact_id), ''), 'blank') AS id FROM salesforce_contacts
SELECT account, LISTAGG(contact_id, ',') AS ids FROM salesforce_contacts GROUP BY account
SELECT account, LISTAGG(DISTINCT title, ', ') WITHIN GROUP (ORDER BY title) AS titles FROM salesforce_contacts GROUP BY account
WITH gold AS (SELECT * FROM salesforce_contacts WHERE subscription_plan = 'gold') SELECT contact_id FROM gold WHERE NOT opted_out
WITH a AS (SELECT contact_id, arr FROM salesforce_contacts), b AS (SELECT contact_id FROM a WHERE arr > 1000) SELECT b.contact_id FROM b JOIN a USING (contact_id)
SELECT s.contact_id FROM salesforce_contacts s JOIN hubspot_contacts h ON LOWER(s.email) = LOWER(h.email)
SELECT s.contact_id FROM salesforce_contacts AS s LEFT JOIN hubspot_contacts AS h ON h.email = s.email WHERE h.email IS NULL
SELECT contact_id FROM salesforce_contacts WHERE contact_id NOT IN (SELECT hs_object_id FROM hubspot_contacts WHERE hs_object_id IS NOT NULL)
SELECT contact_id FROM salesforce_contacts s WHERE EXISTS (SELECT 1 FROM hubspot_contacts h WHERE h.company = s.account)
SELECT contact_id FROM salesforce_contacts WHERE subscription_plan IN ('gold', 'platinum') AND country = 'US'
SELECT contact_id FROM salesforce_contacts WHERE seats BETWEEN 10 AND 50 ORDER BY seats DESC NULLS LAST LIMIT 100 OFFSET 10
SELECT TOP 10 contact_id FROM salesforce_contacts ORDER BY arr DESC
SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold' UNION SELECT contact_id FROM salesforce_contacts WHERE arr > 50000
SELECT contact_id FROM salesforce_contacts UNION ALL SELECT hs_object_id FROM hubspot_contacts
SELECT contact_id FROM salesforce_contacts EXCEPT SELECT contact_id FROM salesforce_contacts WHERE opted_out
SELECT contact_id FROM salesforce_contacts MINUS SELECT contact_id FROM salesforce_contacts WHERE opted_out
SELECT contact_id FROM salesforce_contacts INTERSECT SELECT contact_id FROM salesforce_contacts WHERE NOT opted_out
SELECT CASE WHEN seats > 100 THEN 'big' WHEN seats > 10 THEN 'mid' ELSE 'small' END AS size, COUNT(*) AS n FROM salesforce_contacts GROUP BY size HAVING COUNT(*) > 5
SELECT contact_id, properties:source::string AS source FROM salesforce_contacts WHERE properties:score::int > 50
SELECT properties:source AS source FROM salesforce_contacts LIMIT 1
SELECT GET_PATH(properties, 'source')::string AS source FROM salesforce_contacts
SELECT SPLIT_PART(email, '@', 2) AS domain, COUNT(*) FROM salesforce_contacts GROUP BY domain
SELECT contact_id FROM salesforce_contacts WHERE SPLIT(email, '@')[1] = 'x'
SELECT UPPER(country) || '-' || LOWER(title) AS tag FROM salesforce_contacts
SELECT CONCAT(first_name, ' ', last_name) AS name, LENGTH(last_name), INITCAP(first_name) FROM salesforce_contacts
SELECT LEFT(contact_id, 15) AS contact_id, RIGHT(contact_id, 3), SUBSTR(contact_id, 1, 3) AS p FROM salesforce_contacts
SELECT contact_id FROM salesforce_contacts WHERE REGEXP_LIKE(email, '.*@acme.*')
SELECT contact_id FROM salesforce_contacts WHERE email RLIKE '.*example'
SELECT REGEXP_REPLACE(email, '@.*', '') AS local, REGEXP_SUBSTR(email, '@(.*)') FROM salesforce_contacts
SELECT contact_id FROM salesforce_contacts WHERE CONTAINS(email, 'acme') OR STARTSWITH(email, 'ada') OR ENDSWITH(email, 'example')
SELECT SUM(arr) AS arr, AVG(seats), MIN(last_touched), MAX(last_touched), MEDIAN(seats) FROM salesforce_contacts
SELECT RANK() OVER (ORDER BY arr DESC) AS r, contact_id FROM salesforce_contacts QUALIFY r <= 10
SELECT contact_id, LAG(arr) OVER (PARTITION BY account ORDER BY last_touched) AS before FROM salesforce_contacts
SELECT contact_id, SUM(arr) OVER (PARTITION BY account_id) AS total FROM salesforce_contacts
SELECT contact_id FROM (SELECT contact_id, NTILE(4) OVER (ORDER BY arr) AS q FROM salesforce_contacts) WHERE q = 4
SELECT TO_DATE('2026-01-01') AS d, TO_CHAR(last_touched, 'YYYY-MM-DD') FROM salesforce_contacts LIMIT 1
SELECT YEAR(renewal_date) AS y, MONTH(renewal_date), DAYOFWEEK(renewal_date) FROM salesforce_contacts
SELECT LAST_DAY(renewal_date) AS d FROM salesforce_contacts
SELECT contact_id FROM salesforce_contacts WHERE renewal_date BETWEEN '2026-11-01' AND '2026-12-31'
SELECT contact_id FROM salesforce_contacts WHERE NOT opted_out AND renewal_date <= DATEADD(quarter, 1, '2026-10-31'::date)
SELECT ZEROIFNULL(arr), DIV0(arr, seats), ROUND(arr / NULLIF(seats, 0), 2) AS per FROM salesforce_contacts
SELECT GREATEST(seats, 10), LEAST(seats, 10), ABS(-seats), MOD(seats, 7), FLOOR(2.5), CEIL(2.5) FROM salesforce_contacts
SELECT COUNT_IF(opted_out) AS out, BOOLAND_AGG(opted_out), APPROX_COUNT_DISTINCT(account) FROM salesforce_contacts
SELECT DECODE(subscription_plan, 'gold', 1, 'silver', 2, 0) AS n FROM salesforce_contacts
SELECT account, ARRAY_AGG(contact_id) AS ids FROM salesforce_contacts GROUP BY account
SELECT * EXCLUDE (properties) FROM salesforce_contacts LIMIT 1
SELECT s.* FROM salesforce_contacts s LIMIT 1
SELECT contact_id FROM salesforce_contacts SAMPLE (10)
SELECT contact_id FROM salesforce_contacts -- the gold ones\nWHERE subscription_plan = 'gold' /* only */
SELECT 1
SELECT $$it's$$ AS t
SELECT contact_id FROM salesforce_contacts WHERE email IS DISTINCT FROM 'x' AND EQUAL_NULL(title, 'CFO')
SELECT contact_id, MAX_BY(title, seats) FROM salesforce_contacts GROUP BY ALL
SELECT FIRST_VALUE(contact_id) OVER (PARTITION BY account ORDER BY arr DESC) AS top FROM salesforce_contacts
SELECT TO_VARCHAR(seats) AS s, TO_NUMBER('12') AS n, TRY_TO_NUMBER('x') AS x FROM salesforce_contacts LIMIT 1
SELECT contact_id FROM salesforce_contacts WHERE UPPER(TRIM(country)) <> 'US' ORDER BY 1
SELECT COUNT(*) FILTER (WHERE opted_out) FROM salesforce_contacts
SELECT contact_id FROM salesforce_contacts WHERE last_touched::date = '2026-01-01'
SELECT contact_id FROM salesforce_contacts WHERE TO_TIMESTAMP_NTZ('2026-01-01') < last_touched
SELECT PARSE_JSON('{"a": 1}'):a::int AS a
SELECT OBJECT_CONSTRUCT('a', seats) AS o FROM salesforce_contacts LIMIT 1
SELECT MD5(email), HASH(email), SHA2(email) FROM salesforce_contacts LIMIT 1
SELECT contact_id FROM public.salesforce_contacts
SELECT contact_id FROM analytics.public.salesforce_contacts
SELECT contact_id FROM salesforce_contacts WHERE CHARINDEX('@', email) > 0 AND POSITION('@' IN email) > 0
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY arr) AS p FROM salesforce_contacts
SELECT subscription_plan, country, COUNT(*) FROM salesforce_contacts GROUP BY ROLLUP (subscription_plan, country)
SELECT * FROM (SELECT subscription_plan, seats FROM salesforce_contacts) PIVOT (SUM(seats) FOR subscription_plan IN ('gold', 'silver'))
SELECT DATE_PART('year', last_touched) AS y, EXTRACT(month FROM last_touched) AS m FROM salesforce_contacts
SELECT CURRENT_DATE, GETDATE(), SYSDATE()
SELECT contact_id FROM identifier('salesforce_contacts')
""".strip().splitlines()
