// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a WebAssembly program of wasi-libc, which only prints:
 *
 *	node wasi.js PROGRAM [ARGUMENT]...
 *
 * Node's own WASI is not the same in each version of it.
 */
"use strict";
const fs = require("fs");

const [program, ...rest] = process.argv.slice(2);
const encoder = new TextEncoder();
const args = ["program", ...rest].map(text => encoder.encode(`${text}\0`));
let memory = null;

const view = () => new DataView(memory.buffer);
const bytes = () => new Uint8Array(memory.buffer);

class Exit extends Error {}

const wasi = {
	args_sizes_get(count, size)
	{
		view().setUint32(count, args.length, true);
		view().setUint32(size, args.reduce((sum, arg) => sum + arg.length, 0), true);
		return 0;
	},
	args_get(list, text)
	{
		for (const arg of args) {
			view().setUint32(list, text, true);
			bytes().set(arg, text);
			list += 4;
			text += arg.length;
		}
		return 0;
	},
	fd_write(fd, list, count, written)
	{
		let sum = 0;

		for (let i = 0; i < count; i++) {
			const at = view().getUint32(list + 8 * i, true), len = view().getUint32(list + 8 * i + 4, true);

			fs.writeSync(fd, bytes().slice(at, at + len));
			sum += len;
		}
		view().setUint32(written, sum, true);
		return 0;
	},
	proc_exit(status) { throw new Exit(String(status)); },
};
const imports = new Proxy(wasi, { get: (own, name) => own[name] || (() => 8) });

const instance = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(program)),
					  { wasi_snapshot_preview1: imports });

memory = instance.exports.memory;
try {
	instance.exports._start();
} catch (error) {
	if (!(error instanceof Exit))
		throw error;
	process.exitCode = Number(error.message);
}
