-- The same small ERP on PostgreSQL: what it refuses and how it keeps shelves and change log is as on SQLite.
CREATE TABLE product (sku text PRIMARY KEY, title text NOT NULL, stocked integer NOT NULL DEFAULT 1);
CREATE TABLE warehouse (code text PRIMARY KEY, name text NOT NULL, active integer NOT NULL DEFAULT 1);
CREATE TABLE shelf (
    sku text NOT NULL REFERENCES product,
    warehouse text NOT NULL REFERENCES warehouse,
    on_hand integer NOT NULL DEFAULT 0 CONSTRAINT "never less than nothing on the shelf" CHECK (on_hand >= 0),
    reserved integer NOT NULL DEFAULT 0 CONSTRAINT "never less than nothing reserved" CHECK (reserved >= 0),
    PRIMARY KEY (sku, warehouse)
);
CREATE TABLE sales_order (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ext_ref text UNIQUE,
    name text NOT NULL DEFAULT '',
    placed_at timestamptz,
    currency text NOT NULL DEFAULT '',
    taxes_included boolean NOT NULL DEFAULT false,
    total text NOT NULL,
    total_minor bigint NOT NULL,
    presentment_currency text NOT NULL DEFAULT '',
    presentment_total text NOT NULL DEFAULT '',
    customer text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'open', 'shipped', 'cancelled')),
    created_at double precision NOT NULL DEFAULT extract(epoch FROM clock_timestamp())
);
CREATE INDEX open_orders ON sales_order (id) WHERE status = 'open';
CREATE TABLE sales_line (
    document bigint NOT NULL REFERENCES sales_order,
    position integer NOT NULL,
    line_key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('goods', 'gift_card', 'shipping', 'duty', 'tip', 'fee', 'rounding')),
    sku text,
    title text NOT NULL,
    quantity integer NOT NULL CHECK (quantity >= 0),
    unit_price_minor bigint NOT NULL,
    discount_minor bigint NOT NULL CHECK (discount_minor >= 0),
    tax_minor bigint NOT NULL,
    taxes text NOT NULL DEFAULT '[]',
    warehouse text,
    PRIMARY KEY (document, position),
    UNIQUE (document, line_key)
);
CREATE TABLE payment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL REFERENCES sales_order,
    payment_key text NOT NULL,
    kind text NOT NULL,
    gateway text NOT NULL,
    amount text NOT NULL,
    amount_minor bigint NOT NULL,
    UNIQUE (document, payment_key)
);
CREATE TABLE credit_memo (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL REFERENCES sales_order,
    credit_key text NOT NULL UNIQUE,
    amount text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    taxes_included boolean NOT NULL,
    note text NOT NULL DEFAULT ''
);
CREATE INDEX credits_of ON credit_memo (document);
CREATE TABLE credit_line (
    document bigint NOT NULL REFERENCES sales_order,
    credit_key text NOT NULL,
    position integer NOT NULL,
    line_key text NOT NULL,
    sku text,
    title text NOT NULL,
    quantity integer NOT NULL CHECK (quantity >= 0),
    amount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    PRIMARY KEY (credit_key, position)
);
CREATE TABLE refund (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL REFERENCES sales_order,
    refund_key text NOT NULL UNIQUE,
    credit_key text NOT NULL DEFAULT '',
    gateway text NOT NULL,
    amount text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0)
);
CREATE INDEX refunds_of ON refund (document);
CREATE TABLE parcel (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document bigint NOT NULL REFERENCES sales_order,
    number text NOT NULL,
    carrier text NOT NULL DEFAULT '',
    url text NOT NULL DEFAULT '',
    warehouse text,
    sku text
);
CREATE INDEX parcels_of ON parcel (document);
CREATE TABLE allotment (
    document bigint NOT NULL REFERENCES sales_order,
    sku text NOT NULL,
    warehouse text NOT NULL,
    quantity integer NOT NULL DEFAULT 0,
    shipped integer NOT NULL DEFAULT 0,
    shipped_at double precision,
    returned integer NOT NULL DEFAULT 0,
    PRIMARY KEY (document, sku, warehouse),
    CHECK (shipped BETWEEN 0 AND quantity),
    CHECK (returned >= 0)
);
CREATE INDEX unshipped ON allotment (sku, warehouse) WHERE quantity > shipped;
CREATE TABLE reroute (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document bigint NOT NULL, sku text NOT NULL,
    origin text NOT NULL, warehouse text NOT NULL, units integer NOT NULL CHECK (units > 0)
);
CREATE TABLE amendment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document bigint NOT NULL, sku text NOT NULL,
    warehouse text NOT NULL, units integer NOT NULL CHECK (units <> 0)
);
CREATE TABLE shipment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document bigint NOT NULL, sku text NOT NULL,
    warehouse text NOT NULL, units integer NOT NULL CHECK (units > 0)
);
CREATE TABLE goods_return (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document bigint NOT NULL, sku text NOT NULL,
    warehouse text NOT NULL, units integer NOT NULL CHECK (units > 0), return_key text NOT NULL
);
CREATE TABLE stock_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL, warehouse text NOT NULL,
    kind text NOT NULL, units integer NOT NULL CHECK (units <> 0)
);
CREATE TABLE transit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL, origin text NOT NULL,
    warehouse text NOT NULL, units integer NOT NULL CHECK (units > 0), due_at double precision NOT NULL,
    arrived integer NOT NULL DEFAULT 0
);
CREATE SEQUENCE movement_sequence;
CREATE TABLE movement (
    sequence bigint PRIMARY KEY,
    at double precision NOT NULL DEFAULT extract(epoch FROM clock_timestamp()),
    sku text,
    warehouse text,
    kind text NOT NULL,
    delta integer NOT NULL,
    on_hand_delta integer NOT NULL,
    document bigint,
    ref text
);
CREATE TABLE article (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL UNIQUE REFERENCES product,
    title text NOT NULL DEFAULT '',
    price text, compare_at_price text, barcode text, cost text, weight text, origin text, customs_code text,
    tracked integer NOT NULL DEFAULT 1, supplier text, supplier_sku text, purchase_price text,
    purchase_currency text, minimum_order integer, lead_days integer, landed_cost text, price_eu text, compare_at_price_eu text, variant_of text, options text, discontinued integer NOT NULL DEFAULT 0
);
CREATE TABLE article_change (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL);
CREATE FUNCTION article_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    LOCK TABLE article_change IN EXCLUSIVE MODE;  -- so that numbers are committed in their order
    INSERT INTO article_change (sku) VALUES (NEW.sku);
    RETURN NEW;
END $$;
CREATE TRIGGER article_changed AFTER UPDATE ON article FOR EACH ROW EXECUTE FUNCTION article_changed();
CREATE TABLE fault (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mode text NOT NULL, match text NOT NULL,
    message text NOT NULL, remaining integer
);
CREATE TABLE refusal (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ref text NOT NULL, message text NOT NULL);

-- Numbers are given under a lock held to the commit, so that the log is read in the order in which it was committed.
CREATE FUNCTION movement_numbered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock(74120);
    NEW.sequence := nextval('movement_sequence');
    RETURN NEW;
END $$;
CREATE TRIGGER movement_numbered BEFORE INSERT ON movement FOR EACH ROW EXECUTE FUNCTION movement_numbered();

CREATE FUNCTION refuse(words text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', words; END $$;
CREATE FUNCTION open_warehouse(asked text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM warehouse WHERE code = asked AND active = 1) THEN
        RAISE EXCEPTION 'unknown or closed warehouse';
    END IF;
END $$;

-- A new document -----------------------------------------------------------------------------------------------
CREATE FUNCTION line_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE words text;
DECLARE stage text;
BEGIN
    SELECT status INTO stage FROM sales_order WHERE id = NEW.document AND status IN ('draft', 'open', 'shipped');
    IF NOT FOUND THEN PERFORM refuse('the document is not in a state that allows this'); END IF;
    SELECT message INTO words FROM fault JOIN sales_order ON sales_order.id = NEW.document
        WHERE mode = 'refuse_orders' AND match IN ('*', NEW.sku) AND coalesce(remaining, 1) > 0 AND ext_ref IS NOT NULL;
    IF words IS NOT NULL THEN PERFORM refuse(words); END IF;
    IF NEW.sku IS NOT NULL AND NOT EXISTS (SELECT 1 FROM product WHERE sku = NEW.sku) THEN
        PERFORM refuse('unknown product');
    END IF;
    IF NEW.warehouse IS NOT NULL THEN
        PERFORM open_warehouse(NEW.warehouse);
        IF NEW.sku IS NULL THEN PERFORM refuse('goods that ship need a product'); END IF;
    END IF;
    IF NEW.kind = 'goods' AND NEW.warehouse IS NOT NULL AND NEW.quantity > 0 AND stage = 'draft' THEN
        INSERT INTO allotment AS a (document, sku, warehouse, quantity)
            VALUES (NEW.document, NEW.sku, NEW.warehouse, NEW.quantity)
            ON CONFLICT (document, sku, warehouse) DO UPDATE SET quantity = a.quantity + excluded.quantity;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_inserted AFTER INSERT ON sales_line FOR EACH ROW EXECUTE FUNCTION line_inserted();

CREATE FUNCTION status_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (OLD.status, NEW.status) = ('draft', 'open') THEN
        IF NEW.total_minor IS DISTINCT FROM (
            SELECT sum(quantity * unit_price_minor - discount_minor
                + CASE WHEN NEW.taxes_included THEN 0 ELSE tax_minor END)
            FROM sales_line WHERE document = NEW.id) THEN
            PERFORM refuse('the lines do not add up to the total');
        END IF;
        INSERT INTO shelf AS s (sku, warehouse, reserved)
            SELECT sku, warehouse, quantity FROM allotment WHERE document = NEW.id ORDER BY sku, warehouse
            ON CONFLICT (sku, warehouse) DO UPDATE SET reserved = s.reserved + excluded.reserved;
        INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
            SELECT sku, warehouse, CASE WHEN NEW.ext_ref IS NULL THEN 'sale' ELSE 'order' END, -quantity, 0,
                NEW.id, NEW.ext_ref
            FROM allotment WHERE document = NEW.id;
        INSERT INTO movement (kind, delta, on_hand_delta, document, ref)
            SELECT 'order', 0, 0, NEW.id, NEW.ext_ref
            WHERE NOT EXISTS (SELECT 1 FROM allotment WHERE document = NEW.id);
    ELSIF (OLD.status, NEW.status) = ('open', 'cancelled') THEN
        IF EXISTS (SELECT 1 FROM allotment WHERE document = NEW.id AND shipped > 0) THEN
            PERFORM refuse('goods of this document have left already');
        END IF;
        UPDATE shelf SET reserved = reserved - a.quantity FROM allotment AS a
            WHERE a.document = NEW.id AND a.sku = shelf.sku AND a.warehouse = shelf.warehouse;
        INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
            SELECT sku, warehouse, 'cancel', quantity, 0, NEW.id, NEW.ext_ref FROM allotment WHERE document = NEW.id;
        INSERT INTO movement (kind, delta, on_hand_delta, document, ref)
            SELECT 'cancel', 0, 0, NEW.id, NEW.ext_ref
            WHERE NOT EXISTS (SELECT 1 FROM allotment WHERE document = NEW.id);
    ELSIF (OLD.status, NEW.status) NOT IN (('open', 'shipped'), ('shipped', 'open')) THEN
        PERFORM refuse('the document is not in a state that allows this');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER status_moved AFTER UPDATE OF status ON sales_order FOR EACH ROW EXECUTE FUNCTION status_moved();

-- A document is amended: lines first, then what is promised, its total last ---------------------------------------
CREATE FUNCTION line_dropped() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM sales_order WHERE id = OLD.document AND status IN ('draft', 'open', 'shipped')) THEN
        PERFORM refuse('the document is not in a state that allows this');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER line_dropped BEFORE DELETE ON sales_line FOR EACH ROW EXECUTE FUNCTION line_dropped();

CREATE FUNCTION amended() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head sales_order;
BEGIN
    SELECT * INTO head FROM sales_order WHERE id = NEW.document AND status IN ('open', 'shipped');
    IF NOT FOUND THEN PERFORM refuse('the document is not in a state that allows this'); END IF;
    IF NOT EXISTS (SELECT 1 FROM product WHERE sku = NEW.sku) THEN PERFORM refuse('unknown product'); END IF;
    IF NEW.units > 0 THEN PERFORM open_warehouse(NEW.warehouse); END IF;
    INSERT INTO allotment (document, sku, warehouse) VALUES (head.id, NEW.sku, NEW.warehouse) ON CONFLICT DO NOTHING;
    UPDATE allotment SET quantity = quantity + NEW.units
        WHERE document = head.id AND sku = NEW.sku AND warehouse = NEW.warehouse AND quantity + NEW.units >= shipped;
    IF NOT FOUND THEN PERFORM refuse('goods of this document have left already'); END IF;
    DELETE FROM allotment WHERE document = head.id AND sku = NEW.sku AND warehouse = NEW.warehouse
        AND quantity = 0 AND returned = 0;
    INSERT INTO shelf (sku, warehouse) VALUES (NEW.sku, NEW.warehouse) ON CONFLICT DO NOTHING;
    UPDATE shelf SET reserved = reserved + NEW.units WHERE sku = NEW.sku AND warehouse = NEW.warehouse;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        VALUES (NEW.sku, NEW.warehouse, 'amend', -NEW.units, 0, head.id, head.ext_ref);
    IF EXISTS (SELECT 1 FROM allotment AS a WHERE a.document = head.id AND a.shipped < a.quantity) THEN
        UPDATE sales_order SET status = 'open' WHERE id = head.id AND status = 'shipped';
    ELSIF EXISTS (SELECT 1 FROM allotment AS a WHERE a.document = head.id AND a.shipped > 0) THEN
        UPDATE sales_order SET status = 'shipped' WHERE id = head.id AND status = 'open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER amended AFTER INSERT ON amendment FOR EACH ROW EXECUTE FUNCTION amended();

CREATE FUNCTION order_amended() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.status NOT IN ('open', 'shipped') THEN
        PERFORM refuse('the document is not in a state that allows this');
    END IF;
    IF NEW.total_minor IS DISTINCT FROM (
        SELECT coalesce(sum(quantity * unit_price_minor - discount_minor
            + CASE WHEN NEW.taxes_included THEN 0 ELSE tax_minor END), 0)
        FROM sales_line WHERE document = NEW.id) THEN
        PERFORM refuse('the lines do not add up to the total');
    END IF;
    IF EXISTS (
        SELECT 1 FROM (SELECT sku, quantity FROM sales_line
                           WHERE document = NEW.id AND kind = 'goods' AND warehouse IS NOT NULL
                       UNION ALL SELECT sku, -quantity FROM allotment WHERE document = NEW.id) AS both_sides
        GROUP BY sku HAVING sum(quantity) <> 0) THEN
        PERFORM refuse('other goods are promised than the lines name');
    END IF;
    INSERT INTO movement (kind, delta, on_hand_delta, document, ref) VALUES ('amend', 0, 0, NEW.id, NEW.ext_ref);
    RETURN NEW;
END $$;
CREATE TRIGGER order_amended AFTER UPDATE OF total_minor ON sales_order FOR EACH ROW EXECUTE FUNCTION order_amended();

-- Money moves: no more is credited than a document is worth, no more paid back than was taken -------------------------
CREATE FUNCTION credited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head sales_order;
BEGIN
    SELECT * INTO head FROM sales_order WHERE id = NEW.document AND status <> 'draft';
    IF NOT FOUND THEN PERFORM refuse('the document is not in a state that allows this'); END IF;
    IF NEW.amount_minor IS DISTINCT FROM (
        SELECT coalesce(sum(amount_minor + CASE WHEN NEW.taxes_included THEN 0 ELSE tax_minor END), NEW.amount_minor)
        FROM credit_line WHERE credit_key = NEW.credit_key) THEN
        PERFORM refuse('the lines do not add up to the credit memo');
    END IF;
    IF head.total_minor - NEW.amount_minor - (
        SELECT coalesce(sum(amount_minor), 0) FROM credit_memo WHERE document = NEW.document) < 0 THEN
        PERFORM refuse('more would be credited than the document is worth');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credited BEFORE INSERT ON credit_memo FOR EACH ROW EXECUTE FUNCTION credited();
CREATE FUNCTION paid_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.amount_minor > (
        SELECT coalesce(sum(amount_minor), 0) FROM payment WHERE document = NEW.document AND kind IN ('SALE', 'CAPTURE')) - (
        SELECT coalesce(sum(amount_minor), 0) FROM refund WHERE document = NEW.document) THEN
        PERFORM refuse('more would be paid back than was paid');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paid_back BEFORE INSERT ON refund FOR EACH ROW EXECUTE FUNCTION paid_back();

-- Goods move ---------------------------------------------------------------------------------------------------
CREATE FUNCTION rerouted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head sales_order;
BEGIN
    PERFORM open_warehouse(NEW.warehouse);
    SELECT * INTO head FROM sales_order WHERE id = NEW.document AND status IN ('open', 'cancelled');
    UPDATE allotment SET quantity = quantity - NEW.units
        WHERE document = head.id AND sku = NEW.sku AND warehouse = NEW.origin
          AND NEW.warehouse <> NEW.origin AND quantity - shipped >= NEW.units;
    IF NOT FOUND THEN PERFORM refuse('not that many units are left to move there'); END IF;
    DELETE FROM allotment WHERE document = head.id AND sku = NEW.sku AND warehouse = NEW.origin
        AND quantity = 0 AND returned = 0;
    INSERT INTO allotment AS a (document, sku, warehouse, quantity) VALUES (head.id, NEW.sku, NEW.warehouse, NEW.units)
        ON CONFLICT (document, sku, warehouse) DO UPDATE SET quantity = a.quantity + excluded.quantity;
    IF head.status = 'open' THEN
        UPDATE shelf SET reserved = reserved - NEW.units WHERE sku = NEW.sku AND warehouse = NEW.origin;
        INSERT INTO shelf AS s (sku, warehouse, reserved) VALUES (NEW.sku, NEW.warehouse, NEW.units)
            ON CONFLICT (sku, warehouse) DO UPDATE SET reserved = s.reserved + excluded.reserved;
    END IF;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref) VALUES
        (NEW.sku, NEW.origin, 'reroute', CASE WHEN head.status = 'open' THEN NEW.units ELSE 0 END, 0, head.id, head.ext_ref),
        (NEW.sku, NEW.warehouse, 'reroute', CASE WHEN head.status = 'open' THEN -NEW.units ELSE 0 END, 0, head.id, head.ext_ref);
    RETURN NEW;
END $$;
CREATE TRIGGER rerouted AFTER INSERT ON reroute FOR EACH ROW EXECUTE FUNCTION rerouted();

CREATE FUNCTION shipped() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head sales_order;
BEGIN
    SELECT * INTO head FROM sales_order WHERE id = NEW.document AND status IN ('open', 'cancelled');
    UPDATE allotment SET shipped = shipped + NEW.units, shipped_at = extract(epoch FROM clock_timestamp())
        WHERE document = head.id AND sku = NEW.sku AND warehouse = NEW.warehouse AND quantity - shipped >= NEW.units;
    IF NOT FOUND THEN PERFORM refuse('the document has not that many units to ship from there'); END IF;
    UPDATE shelf SET on_hand = on_hand - NEW.units,
            reserved = reserved - CASE WHEN head.status = 'open' THEN NEW.units ELSE 0 END
        WHERE sku = NEW.sku AND warehouse = NEW.warehouse AND on_hand >= NEW.units;
    IF NOT FOUND THEN PERFORM refuse('not that many units are on the shelf'); END IF;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref) VALUES
        (NEW.sku, NEW.warehouse, 'ship', CASE WHEN head.status = 'open' THEN 0 ELSE -NEW.units END, -NEW.units,
         head.id, head.ext_ref);
    UPDATE sales_order SET status = 'shipped' WHERE id = head.id AND status = 'open'
        AND NOT EXISTS (SELECT 1 FROM allotment AS a WHERE a.document = head.id AND a.shipped < a.quantity);
    RETURN NEW;
END $$;
CREATE TRIGGER shipped AFTER INSERT ON shipment FOR EACH ROW EXECUTE FUNCTION shipped();

CREATE FUNCTION returned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM open_warehouse(NEW.warehouse);
    IF NEW.units > (SELECT coalesce(sum(a.shipped - a.returned), 0) FROM allotment AS a
                    WHERE a.document = NEW.document AND a.sku = NEW.sku) THEN
        PERFORM refuse('more units would come back than have left');
    END IF;
    INSERT INTO allotment AS a (document, sku, warehouse, returned)
        VALUES (NEW.document, NEW.sku, NEW.warehouse, NEW.units)
        ON CONFLICT (document, sku, warehouse) DO UPDATE SET returned = a.returned + excluded.returned;
    INSERT INTO shelf AS s (sku, warehouse, on_hand) VALUES (NEW.sku, NEW.warehouse, NEW.units)
        ON CONFLICT (sku, warehouse) DO UPDATE SET on_hand = s.on_hand + excluded.on_hand;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT NEW.sku, NEW.warehouse, 'return', NEW.units, NEW.units, id, ext_ref
        FROM sales_order WHERE id = NEW.document;
    RETURN NEW;
END $$;
CREATE TRIGGER returned AFTER INSERT ON goods_return FOR EACH ROW EXECUTE FUNCTION returned();

CREATE FUNCTION entered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM product WHERE sku = NEW.sku) THEN PERFORM refuse('unknown product'); END IF;
    PERFORM open_warehouse(NEW.warehouse);
    INSERT INTO shelf (sku, warehouse) VALUES (NEW.sku, NEW.warehouse) ON CONFLICT DO NOTHING;
    UPDATE shelf SET on_hand = on_hand + NEW.units
        WHERE sku = NEW.sku AND warehouse = NEW.warehouse AND on_hand + NEW.units >= 0;
    IF NOT FOUND THEN PERFORM refuse('not that many units are on the shelf'); END IF;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta)
        VALUES (NEW.sku, NEW.warehouse, NEW.kind, NEW.units, NEW.units);
    RETURN NEW;
END $$;
CREATE TRIGGER entered AFTER INSERT ON stock_entry FOR EACH ROW EXECUTE FUNCTION entered();

-- Faults -------------------------------------------------------------------------------------------------------
CREATE FUNCTION refusal_counts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE fault SET remaining = remaining - 1 WHERE mode = 'refuse_orders' AND remaining > 0 AND message = NEW.message;
    RETURN NEW;
END $$;
CREATE TRIGGER refusal_counts AFTER INSERT ON refusal FOR EACH ROW EXECUTE FUNCTION refusal_counts();
