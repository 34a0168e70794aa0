/** Sends a file to a port as fast as it is taken, and ends. Arguments: port, file. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port, file] = process.argv.slice(2);
const bytes = readFileSync(String(file));
const socket = connect(Number(port), '127.0.0.1');
socket.resume();
socket.on('close', () => process.exit(0));
socket.end(bytes);
