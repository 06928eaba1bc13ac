-- A small ERP. Tables hold facts; triggers refuse what a strict ERP refuses and keep shelves and the change log true.
PRAGMA journal_mode = WAL;

CREATE TABLE product (sku TEXT PRIMARY KEY, title TEXT NOT NULL, stocked INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE TABLE warehouse (code TEXT PRIMARY KEY, name TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE TABLE shelf (
    sku TEXT NOT NULL REFERENCES product,
    warehouse TEXT NOT NULL REFERENCES warehouse,
    on_hand INTEGER NOT NULL DEFAULT 0 CONSTRAINT "never less than nothing on the shelf" CHECK (on_hand >= 0),
    reserved INTEGER NOT NULL DEFAULT 0 CONSTRAINT "never less than nothing reserved" CHECK (reserved >= 0),
    PRIMARY KEY (sku, warehouse)
) WITHOUT ROWID;

CREATE TABLE sales_order (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ext_ref TEXT UNIQUE,
    name TEXT NOT NULL DEFAULT '',
    placed_at TEXT,
    currency TEXT NOT NULL DEFAULT '',
    taxes_included INTEGER NOT NULL DEFAULT 0,
    total TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    presentment_currency TEXT NOT NULL DEFAULT '',
    presentment_total TEXT NOT NULL DEFAULT '',
    customer TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'open', 'shipped', 'cancelled')),
    created_at REAL NOT NULL DEFAULT ((julianday('now') - 2440587.5) * 86400.0)
);
CREATE INDEX open_orders ON sales_order (id) WHERE status = 'open';
CREATE TABLE sales_line (
    document INTEGER NOT NULL REFERENCES sales_order,
    position INTEGER NOT NULL,
    line_key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('goods', 'gift_card', 'shipping', 'duty', 'tip', 'fee', 'rounding')),
    sku TEXT,
    title TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    unit_price_minor INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL CHECK (discount_minor >= 0),
    tax_minor INTEGER NOT NULL,
    taxes TEXT NOT NULL DEFAULT '[]',
    warehouse TEXT,
    PRIMARY KEY (document, position),
    UNIQUE (document, line_key)
) WITHOUT ROWID;
CREATE TABLE payment (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES sales_order,
    payment_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    gateway TEXT NOT NULL,
    amount TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    UNIQUE (document, payment_key)
);
CREATE TABLE credit_memo (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES sales_order,
    credit_key TEXT NOT NULL UNIQUE,
    amount TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0),
    taxes_included INTEGER NOT NULL,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX credits_of ON credit_memo (document);
CREATE TABLE credit_line (
    document INTEGER NOT NULL REFERENCES sales_order,
    credit_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    line_key TEXT NOT NULL,
    sku TEXT,
    title TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    amount_minor INTEGER NOT NULL,
    tax_minor INTEGER NOT NULL,
    PRIMARY KEY (credit_key, position)
) WITHOUT ROWID;
CREATE TABLE refund (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES sales_order,
    refund_key TEXT NOT NULL UNIQUE,
    credit_key TEXT NOT NULL DEFAULT '',
    gateway TEXT NOT NULL,
    amount TEXT NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor <> 0)
);
CREATE INDEX refunds_of ON refund (document);
CREATE TABLE parcel (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES sales_order,
    number TEXT NOT NULL,
    carrier TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    warehouse TEXT,
    sku TEXT
);
CREATE INDEX parcels_of ON parcel (document);
CREATE TABLE allotment (
    document INTEGER NOT NULL REFERENCES sales_order,
    sku TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    quantity INTEGER NOT NULL DEFAULT 0,
    shipped INTEGER NOT NULL DEFAULT 0,
    shipped_at REAL,
    returned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (document, sku, warehouse),
    CHECK (shipped BETWEEN 0 AND quantity),
    CHECK (returned >= 0)
) WITHOUT ROWID;
CREATE INDEX unshipped ON allotment (sku, warehouse) WHERE quantity > shipped;
CREATE TABLE reroute (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, sku TEXT NOT NULL, origin TEXT NOT NULL, warehouse TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0)
);
CREATE TABLE amendment (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, sku TEXT NOT NULL, warehouse TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units <> 0)
);
CREATE TABLE shipment (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, sku TEXT NOT NULL, warehouse TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0)
);
CREATE TABLE goods_return (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, sku TEXT NOT NULL, warehouse TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0), return_key TEXT NOT NULL
);
CREATE TABLE stock_entry (
    id INTEGER PRIMARY KEY, sku TEXT NOT NULL, warehouse TEXT NOT NULL, kind TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units <> 0)
);
CREATE TABLE transit (
    id INTEGER PRIMARY KEY, sku TEXT NOT NULL, origin TEXT NOT NULL, warehouse TEXT NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0), due_at REAL NOT NULL, arrived INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX under_way ON transit (due_at) WHERE arrived = 0;
CREATE TABLE movement (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL DEFAULT ((julianday('now') - 2440587.5) * 86400.0),
    sku TEXT,
    warehouse TEXT,
    kind TEXT NOT NULL,
    delta INTEGER NOT NULL,          -- change of what is free to sell: on hand less reserved
    on_hand_delta INTEGER NOT NULL,
    document INTEGER,
    ref TEXT
);
CREATE TABLE article (
    number INTEGER PRIMARY KEY,
    sku TEXT NOT NULL UNIQUE REFERENCES product,
    title TEXT NOT NULL DEFAULT '',
    price TEXT, compare_at_price TEXT, barcode TEXT, cost TEXT, weight TEXT, origin TEXT, customs_code TEXT,
    tracked INTEGER NOT NULL DEFAULT 1, supplier TEXT, supplier_sku TEXT, purchase_price TEXT,
    purchase_currency TEXT, minimum_order INTEGER, lead_days INTEGER, landed_cost TEXT, price_eu TEXT, compare_at_price_eu TEXT, variant_of TEXT, options TEXT, discontinued INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE article_change (sequence INTEGER PRIMARY KEY AUTOINCREMENT, sku TEXT NOT NULL);
CREATE TRIGGER article_changed AFTER UPDATE ON article BEGIN
    INSERT INTO article_change (sku) VALUES (NEW.sku);
END;
CREATE TABLE fault (
    id INTEGER PRIMARY KEY, mode TEXT NOT NULL, match TEXT NOT NULL, message TEXT NOT NULL, remaining INTEGER
);
CREATE TABLE refusal (id INTEGER PRIMARY KEY, ref TEXT NOT NULL, message TEXT NOT NULL);

-- A new document -----------------------------------------------------------------------------------------------
CREATE TRIGGER line_is_known BEFORE INSERT ON sales_line BEGIN
    SELECT RAISE(ABORT, 'the document is not in a state that allows this') WHERE NOT EXISTS (
        SELECT 1 FROM sales_order WHERE id = NEW.document AND status IN ('draft', 'open', 'shipped'));
    SELECT RAISE(ABORT, 'unknown product')
        WHERE NEW.sku IS NOT NULL AND NOT EXISTS (SELECT 1 FROM product WHERE sku = NEW.sku);
    SELECT RAISE(ABORT, 'unknown or closed warehouse')
        WHERE NEW.warehouse IS NOT NULL AND NOT EXISTS (SELECT 1 FROM warehouse WHERE code = NEW.warehouse AND active);
    SELECT RAISE(ABORT, 'goods that ship need a product') WHERE NEW.warehouse IS NOT NULL AND NEW.sku IS NULL;
END;
CREATE TRIGGER line_is_allotted AFTER INSERT ON sales_line
WHEN NEW.kind = 'goods' AND NEW.warehouse IS NOT NULL AND NEW.quantity > 0
    AND EXISTS (SELECT 1 FROM sales_order WHERE id = NEW.document AND status = 'draft') BEGIN
    INSERT INTO allotment (document, sku, warehouse, quantity) VALUES (NEW.document, NEW.sku, NEW.warehouse, NEW.quantity)
        ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity;
END;
CREATE TRIGGER status_moves BEFORE UPDATE OF status ON sales_order
WHEN (OLD.status, NEW.status) NOT IN (
    VALUES ('draft', 'open'), ('open', 'shipped'), ('shipped', 'open'), ('open', 'cancelled')) BEGIN
    SELECT RAISE(ABORT, 'the document is not in a state that allows this');
END;
CREATE TRIGGER order_confirmed AFTER UPDATE OF status ON sales_order
WHEN OLD.status = 'draft' AND NEW.status = 'open' BEGIN
    SELECT RAISE(ABORT, 'the lines do not add up to the total') WHERE NEW.total_minor IS NOT (
        SELECT sum(quantity * unit_price_minor - discount_minor + iif(NEW.taxes_included, 0, tax_minor))
        FROM sales_line WHERE document = NEW.id);
    INSERT INTO shelf (sku, warehouse, reserved) SELECT sku, warehouse, quantity FROM allotment WHERE document = NEW.id
        ON CONFLICT DO UPDATE SET reserved = reserved + excluded.reserved;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT sku, warehouse, iif(NEW.ext_ref IS NULL, 'sale', 'order'), -quantity, 0, NEW.id, NEW.ext_ref
        FROM allotment WHERE document = NEW.id;
    INSERT INTO movement (kind, delta, on_hand_delta, document, ref) SELECT 'order', 0, 0, NEW.id, NEW.ext_ref
        WHERE NOT EXISTS (SELECT 1 FROM allotment WHERE document = NEW.id);
END;
CREATE TRIGGER order_cancelled AFTER UPDATE OF status ON sales_order
WHEN OLD.status = 'open' AND NEW.status = 'cancelled' BEGIN
    SELECT RAISE(ABORT, 'goods of this document have left already')
        WHERE EXISTS (SELECT 1 FROM allotment WHERE document = NEW.id AND shipped > 0);
    UPDATE shelf SET reserved = reserved - a.quantity FROM allotment AS a
        WHERE a.document = NEW.id AND a.sku = shelf.sku AND a.warehouse = shelf.warehouse;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT sku, warehouse, 'cancel', quantity, 0, NEW.id, NEW.ext_ref FROM allotment WHERE document = NEW.id;
    INSERT INTO movement (kind, delta, on_hand_delta, document, ref) SELECT 'cancel', 0, 0, NEW.id, NEW.ext_ref
        WHERE NOT EXISTS (SELECT 1 FROM allotment WHERE document = NEW.id);
END;

-- A document is amended: lines first, then what is promised, its total last ---------------------------------------
CREATE TRIGGER line_dropped BEFORE DELETE ON sales_line BEGIN
    SELECT RAISE(ABORT, 'the document is not in a state that allows this') WHERE NOT EXISTS (
        SELECT 1 FROM sales_order WHERE id = OLD.document AND status IN ('draft', 'open', 'shipped'));
END;
CREATE TRIGGER amendment_allowed BEFORE INSERT ON amendment BEGIN
    SELECT RAISE(ABORT, 'the document is not in a state that allows this') WHERE NOT EXISTS (
        SELECT 1 FROM sales_order WHERE id = NEW.document AND status IN ('open', 'shipped'));
    SELECT RAISE(ABORT, 'unknown product') WHERE NOT EXISTS (SELECT 1 FROM product WHERE sku = NEW.sku);
    SELECT RAISE(ABORT, 'unknown or closed warehouse') WHERE NEW.units > 0
        AND NOT EXISTS (SELECT 1 FROM warehouse WHERE code = NEW.warehouse AND active);
    SELECT RAISE(ABORT, 'goods of this document have left already') WHERE NEW.units < 0 AND NOT EXISTS (
        SELECT 1 FROM allotment WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.warehouse
          AND quantity - shipped >= -NEW.units);
END;
CREATE TRIGGER amended AFTER INSERT ON amendment BEGIN
    INSERT INTO allotment (document, sku, warehouse) VALUES (NEW.document, NEW.sku, NEW.warehouse) ON CONFLICT DO NOTHING;
    UPDATE allotment SET quantity = quantity + NEW.units
        WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.warehouse;
    DELETE FROM allotment WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.warehouse
        AND quantity = 0 AND returned = 0;
    INSERT INTO shelf (sku, warehouse) VALUES (NEW.sku, NEW.warehouse) ON CONFLICT DO NOTHING;
    UPDATE shelf SET reserved = reserved + NEW.units WHERE sku = NEW.sku AND warehouse = NEW.warehouse;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT NEW.sku, NEW.warehouse, 'amend', -NEW.units, 0, id, ext_ref FROM sales_order WHERE id = NEW.document;
    UPDATE sales_order SET status = 'open' WHERE id = NEW.document AND status = 'shipped'
        AND EXISTS (SELECT 1 FROM allotment WHERE document = NEW.document AND shipped < quantity);
    UPDATE sales_order SET status = 'shipped' WHERE id = NEW.document AND status = 'open'
        AND NOT EXISTS (SELECT 1 FROM allotment WHERE document = NEW.document AND shipped < quantity)
        AND EXISTS (SELECT 1 FROM allotment WHERE document = NEW.document AND shipped > 0);
END;
CREATE TRIGGER order_amended BEFORE UPDATE OF total_minor ON sales_order BEGIN
    SELECT RAISE(ABORT, 'the document is not in a state that allows this') WHERE OLD.status NOT IN ('open', 'shipped');
    SELECT RAISE(ABORT, 'the lines do not add up to the total') WHERE NEW.total_minor IS NOT (
        SELECT coalesce(sum(quantity * unit_price_minor - discount_minor + iif(NEW.taxes_included, 0, tax_minor)), 0)
        FROM sales_line WHERE document = NEW.id);
    SELECT RAISE(ABORT, 'other goods are promised than the lines name') WHERE EXISTS (
        SELECT 1 FROM (SELECT sku, quantity FROM sales_line WHERE document = NEW.id AND kind = 'goods' AND warehouse IS NOT NULL
                       UNION ALL SELECT sku, -quantity FROM allotment WHERE document = NEW.id)
        GROUP BY sku HAVING sum(quantity) <> 0);
END;
CREATE TRIGGER order_amended_is_told AFTER UPDATE OF total_minor ON sales_order BEGIN
    INSERT INTO movement (kind, delta, on_hand_delta, document, ref) VALUES ('amend', 0, 0, NEW.id, NEW.ext_ref);
END;

-- Money moves: no more is credited than a document is worth, no more paid back than was taken -------------------------
CREATE TRIGGER credit_allowed BEFORE INSERT ON credit_memo BEGIN
    SELECT RAISE(ABORT, 'the document is not in a state that allows this') WHERE NOT EXISTS (
        SELECT 1 FROM sales_order WHERE id = NEW.document AND status <> 'draft');
    SELECT RAISE(ABORT, 'the lines do not add up to the credit memo') WHERE NEW.amount_minor IS NOT (
        SELECT coalesce(sum(amount_minor + iif(NEW.taxes_included, 0, tax_minor)), NEW.amount_minor)
        FROM credit_line WHERE credit_key = NEW.credit_key);
    SELECT RAISE(ABORT, 'more would be credited than the document is worth') WHERE (
        SELECT total_minor - NEW.amount_minor - (
            SELECT coalesce(sum(amount_minor), 0) FROM credit_memo WHERE document = NEW.document)
        FROM sales_order WHERE id = NEW.document) < 0;
END;
CREATE TRIGGER refund_allowed BEFORE INSERT ON refund BEGIN
    SELECT RAISE(ABORT, 'more would be paid back than was paid') WHERE NEW.amount_minor > (
        SELECT coalesce(sum(amount_minor), 0) FROM payment WHERE document = NEW.document AND kind IN ('SALE', 'CAPTURE')) - (
        SELECT coalesce(sum(amount_minor), 0) FROM refund WHERE document = NEW.document);
END;

-- Goods move ---------------------------------------------------------------------------------------------------
CREATE TRIGGER reroute_allowed BEFORE INSERT ON reroute BEGIN
    SELECT RAISE(ABORT, 'unknown or closed warehouse')
        WHERE NOT EXISTS (SELECT 1 FROM warehouse WHERE code = NEW.warehouse AND active);
    SELECT RAISE(ABORT, 'not that many units are left to move there') WHERE NOT EXISTS (
        SELECT 1 FROM allotment JOIN sales_order ON sales_order.id = document
        WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.origin
          AND NEW.warehouse <> NEW.origin AND quantity - shipped >= NEW.units AND status IN ('open', 'cancelled'));
END;
CREATE TRIGGER rerouted AFTER INSERT ON reroute BEGIN
    UPDATE allotment SET quantity = quantity - NEW.units
        WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.origin;
    DELETE FROM allotment WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.origin
        AND quantity = 0 AND returned = 0;
    INSERT INTO allotment (document, sku, warehouse, quantity) VALUES (NEW.document, NEW.sku, NEW.warehouse, NEW.units)
        ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity;
    UPDATE shelf SET reserved = reserved - NEW.units WHERE sku = NEW.sku AND warehouse = NEW.origin
        AND EXISTS (SELECT 1 FROM sales_order WHERE id = NEW.document AND status = 'open');
    INSERT INTO shelf (sku, warehouse, reserved)
        SELECT NEW.sku, NEW.warehouse, NEW.units FROM sales_order WHERE id = NEW.document AND status = 'open'
        ON CONFLICT DO UPDATE SET reserved = reserved + excluded.reserved;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT NEW.sku, NEW.origin, 'reroute', iif(status = 'open', NEW.units, 0), 0, id, ext_ref
        FROM sales_order WHERE id = NEW.document;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT NEW.sku, NEW.warehouse, 'reroute', iif(status = 'open', -NEW.units, 0), 0, id, ext_ref
        FROM sales_order WHERE id = NEW.document;
END;
CREATE TRIGGER ship_allowed BEFORE INSERT ON shipment BEGIN
    SELECT RAISE(ABORT, 'the document has not that many units to ship from there') WHERE NOT EXISTS (
        SELECT 1 FROM allotment JOIN sales_order ON sales_order.id = document
        WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.warehouse
          AND quantity - shipped >= NEW.units AND status IN ('open', 'cancelled'));
    SELECT RAISE(ABORT, 'not that many units are on the shelf') WHERE NOT EXISTS (
        SELECT 1 FROM shelf WHERE sku = NEW.sku AND warehouse = NEW.warehouse AND on_hand >= NEW.units);
END;
CREATE TRIGGER shipped AFTER INSERT ON shipment BEGIN
    UPDATE allotment SET shipped = shipped + NEW.units, shipped_at = (julianday('now') - 2440587.5) * 86400.0
        WHERE document = NEW.document AND sku = NEW.sku AND warehouse = NEW.warehouse;
    UPDATE shelf SET on_hand = on_hand - NEW.units, reserved = reserved - iif(
            (SELECT status FROM sales_order WHERE id = NEW.document) = 'open', NEW.units, 0)
        WHERE sku = NEW.sku AND warehouse = NEW.warehouse;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT NEW.sku, NEW.warehouse, 'ship', iif(status = 'open', 0, -NEW.units), -NEW.units, id, ext_ref
        FROM sales_order WHERE id = NEW.document;
    UPDATE sales_order SET status = 'shipped' WHERE id = NEW.document AND status = 'open'
        AND NOT EXISTS (SELECT 1 FROM allotment WHERE document = NEW.document AND shipped < quantity);
END;
CREATE TRIGGER return_allowed BEFORE INSERT ON goods_return BEGIN
    SELECT RAISE(ABORT, 'unknown or closed warehouse')
        WHERE NOT EXISTS (SELECT 1 FROM warehouse WHERE code = NEW.warehouse AND active);
    SELECT RAISE(ABORT, 'more units would come back than have left') WHERE NEW.units > (
        SELECT coalesce(sum(shipped - returned), 0) FROM allotment WHERE document = NEW.document AND sku = NEW.sku);
END;
CREATE TRIGGER returned AFTER INSERT ON goods_return BEGIN
    INSERT INTO allotment (document, sku, warehouse, returned) VALUES (NEW.document, NEW.sku, NEW.warehouse, NEW.units)
        ON CONFLICT DO UPDATE SET returned = returned + excluded.returned;
    INSERT INTO shelf (sku, warehouse, on_hand) VALUES (NEW.sku, NEW.warehouse, NEW.units)
        ON CONFLICT DO UPDATE SET on_hand = on_hand + excluded.on_hand;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta, document, ref)
        SELECT NEW.sku, NEW.warehouse, 'return', NEW.units, NEW.units, id, ext_ref FROM sales_order WHERE id = NEW.document;
END;
CREATE TRIGGER entry_allowed BEFORE INSERT ON stock_entry BEGIN
    SELECT RAISE(ABORT, 'unknown product') WHERE NOT EXISTS (SELECT 1 FROM product WHERE sku = NEW.sku);
    SELECT RAISE(ABORT, 'unknown or closed warehouse')
        WHERE NOT EXISTS (SELECT 1 FROM warehouse WHERE code = NEW.warehouse AND active);
    SELECT RAISE(ABORT, 'not that many units are on the shelf') WHERE NEW.units < 0 AND NOT EXISTS (
        SELECT 1 FROM shelf WHERE sku = NEW.sku AND warehouse = NEW.warehouse AND on_hand + NEW.units >= 0);
END;
CREATE TRIGGER entered AFTER INSERT ON stock_entry BEGIN
    INSERT INTO shelf (sku, warehouse) VALUES (NEW.sku, NEW.warehouse) ON CONFLICT DO NOTHING;
    UPDATE shelf SET on_hand = on_hand + NEW.units WHERE sku = NEW.sku AND warehouse = NEW.warehouse;
    INSERT INTO movement (sku, warehouse, kind, delta, on_hand_delta)
        VALUES (NEW.sku, NEW.warehouse, NEW.kind, NEW.units, NEW.units);
END;

-- Faults -------------------------------------------------------------------------------------------------------
CREATE TRIGGER refusal_counts AFTER INSERT ON refusal BEGIN
    UPDATE fault SET remaining = remaining - 1 WHERE mode = 'refuse_orders' AND remaining > 0 AND message = NEW.message;
END;
