// Reads an AsyncAPI document from standard input with the AsyncAPI Initiative's own parser; writes what it says as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const messages = document ? document.allMessages().all().map((message) => message.id()) : [];
console.log(JSON.stringify({ version: document?.version() ?? null, messages, diagnostics }));
