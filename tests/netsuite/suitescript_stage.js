// Plays NetSuite for a SuiteScript under Node: loads it, saves the records it is given, and prints what it posted.
// Arguments: the script's file. Standard input: {settings, secrets, tables, saves, answer}.
const { createHmac } = require('node:crypto');
const { readFileSync } = require('node:fs');

const given = JSON.parse(readFileSync(0, 'utf8'));
const posted = [];
const errors = [];
const encode = { Encoding: { UTF_8: 'UTF_8', BASE_64: 'BASE_64', HEX: 'HEX' } };
const spelled = { UTF_8: 'utf8', BASE_64: 'base64', HEX: 'hex' };
const modules = {
    'N/encode': encode,
    'N/crypto': {
        HashAlg: { SHA256: 'SHA256' },
        createSecretKey: ({ secret, encoding }) => {
            if (!(secret in given.secrets)) throw new Error(`SECRET_NOT_FOUND ${secret}`);
            return { key: Buffer.from(given.secrets[secret], spelled[encoding]) };
        },
        createHmac: ({ algorithm, key }) => {
            const hmac = createHmac(algorithm.toLowerCase(), key.key);
            return {
                update: ({ input, inputEncoding }) => { hmac.update(Buffer.from(input, spelled[inputEncoding])); },
                digest: ({ outputEncoding }) => hmac.digest(spelled[outputEncoding]),
            };
        },
    },
    'N/https': {
        post: (request) => {
            if (given.answer === 'away') throw new Error('SSS_CONNECTION_TIME_OUT');
            posted.push(request);
            return { code: given.answer };
        },
    },
    'N/query': {
        runSuiteQL: ({ query, params }) => {
            if (/LIMIT|OFFSET/i.test(query)) throw new Error('SSS_SEARCH_ERROR');
            const [items, orders] = query.split('UNION ALL').map((part) => (part.match(/\?/g) || []).length);
            const ids = params.map(String);
            const rows = (kind, table, wanted) =>
                wanted.filter((id) => id in table).map((id) => ({ kind, name: table[id] }));
            return {
                asMappedResults: () => [
                    ...rows('item', given.tables.item, ids.slice(0, items)),
                    ...rows('order', given.tables.transaction, ids.slice(items, items + orders)),
                ],
            };
        },
    },
    'N/runtime': { getCurrentScript: () => ({ getParameter: ({ name }) => given.settings[name] ?? null }) },
    'N/log': { error: (entry) => errors.push(entry) },
};

const record = (facts) => facts && {
    id: facts.id,
    type: facts.type,
    getValue: ({ fieldId }) => facts[fieldId] ?? '',
    getLineCount: ({ sublistId }) => (sublistId in facts.lines ? facts.lines[sublistId].length : -1),
    getSublistValue: ({ sublistId, fieldId, line }) => facts.lines[sublistId][line][fieldId],
};

let script;
globalThis.define = (names, factory) => { script = factory(...names.map((name) => modules[name])); };
require(process.argv[2]);
for (const save of given.saves) script.afterSubmit({ newRecord: record(save.new), oldRecord: record(save.old) });
process.stdout.write(JSON.stringify({ posted, errors }));
