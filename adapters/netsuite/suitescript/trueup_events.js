/**
 * Tells TrueUp at once which items a saved transaction moves, so that it need not wait for its next poll.
 *
 * Deployed on whatever moves or promises stock: item fulfillments and receipts, inventory adjustments and transfers,
 * transfer orders, sales orders, cash sales, return authorizations. What it sends is a doorbell, signed as Standard
 * Webhooks: names of items and our orders, no figures. Nothing it does can keep a transaction from being saved, and
 * what it does not see (recalculations in the background) TrueUp's polls find.
 *
 * Script parameters: custscript_trueup_url, the address of TrueUp's listener for this connection;
 * custscript_trueup_secret, the script id of an API secret that holds the key without `whsec_`;
 * custscript_trueup_prefix, what the external ids of TrueUp's orders begin with.
 *
 * @NApiVersion 2.1
 * @NScriptType UserEventScript
 * @NModuleScope SameAccount
 */
define(['N/https', 'N/crypto', 'N/encode', 'N/query', 'N/runtime', 'N/log'], (https, crypto, encode, query, runtime, log) => {
    const SUBLISTS = ['item', 'inventory'];
    const MOST = 200;
    const ORDER = 'gid://shopify/Order/';

    /** Ids of the items on a record; empty for no record. */
    const itemsOf = (record) => {
        const found = [];
        for (const sublistId of record ? SUBLISTS : []) {
            const count = record.getLineCount({ sublistId });
            for (let line = 0; line < count; line += 1) {
                const item = record.getSublistValue({ sublistId, fieldId: 'item', line });
                if (/^\d+$/.test(String(item))) found.push(String(item));
            }
        }
        return found;
    };

    /** Names of items and external ids of transactions, in one question. */
    const named = (items, transactions) => {
        const marks = (many) => many.map(() => '?').join(', ') || 'NULL';
        return query.runSuiteQL({
            query:
                `SELECT 'item' AS kind, itemid AS name FROM item WHERE id IN (${marks(items)}) ` +
                `UNION ALL SELECT 'order', externalid FROM transaction WHERE type = 'SalesOrd' AND id IN (${marks(transactions)})`,
            params: [...items, ...transactions].map(Number),
        }).asMappedResults();
    };

    /** JSON in ASCII alone, so that what is signed and what is sent are the same bytes. */
    const plain = (value) =>
        JSON.stringify(value).replace(/[\u007f-\uffff]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);

    const signature = (secret, text) => {
        const key = crypto.createSecretKey({ secret, encoding: encode.Encoding.BASE_64 });
        const hmac = crypto.createHmac({ algorithm: crypto.HashAlg.SHA256, key });
        hmac.update({ input: text, inputEncoding: encode.Encoding.UTF_8 });
        return `v1,${hmac.digest({ outputEncoding: encode.Encoding.BASE_64 })}`;
    };

    const post = (url, secret, number, body) => {
        const seconds = String(Math.floor(Date.now() / 1000));
        const headers = {
            'Content-Type': 'application/json',
            'webhook-id': number,
            'webhook-timestamp': seconds,
            'webhook-signature': signature(secret, `${number}.${seconds}.${body}`),
        };
        const reply = https.post({ url, headers, body });
        if (reply.code !== 200) log.error({ title: 'TrueUp did not take an event', details: `HTTP ${reply.code}` });
    };

    const afterSubmit = (context) => {
        try {
            const script = runtime.getCurrentScript();
            const setting = (name) => String(script.getParameter({ name: `custscript_trueup_${name}` }) || '');
            const records = [context.newRecord, context.oldRecord].filter(Boolean);
            const items = [...new Set(records.flatMap(itemsOf))];
            if (!items.length) return;
            const from = records.flatMap((record) => [record.id, record.getValue({ fieldId: 'createdfrom' })]);
            const transactions = [...new Set(from.filter((id) => /^\d+$/.test(String(id))).map(String))];
            const prefix = setting('prefix');
            for (let start = 0; start < items.length; start += MOST) {
                const rows = named(items.slice(start, start + MOST), transactions);
                const names = (kind) => rows.filter((row) => row.kind === kind && row.name).map((row) => String(row.name));
                const refs = names('order')
                    .filter((id) => prefix && id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length)))
                    .map((id) => ORDER + id.slice(prefix.length));
                const body = plain({ type: 'stock.changed', skus: names('item').map((name) => name.trim()), refs });
                const chance = Math.random().toString(36).slice(2);
                const number = `ns-${records[0].type}-${records[0].id}-${Date.now()}-${chance}`;
                post(setting('url'), setting('secret'), number, body);
            }
        } catch (trouble) {
            log.error({ title: 'TrueUp was not told of a change', details: String(trouble) });
        }
    };

    return { afterSubmit };
});
