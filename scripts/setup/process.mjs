// Child processes: one that fails is a `Failure`, and none outlives the command that started it.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Failure } from './failure.mjs';
import { root } from './root.mjs';

const running = new Set();
let interrupted = false;
const onWindows = process.platform === 'win32';

/**
 * Runs a program with its output going straight to ours, and resolves to its exit code. A code other than 0 is a `Failure` unless
 * `allowFailure` is set.
 */
export async function run(program, args, { allowFailure = false, ...options } = {}) {
  const { code } = await start(program, args, { ...options, stdout: 'inherit' });
  if (code !== 0 && !allowFailure) throw new Failure(`${display(program, args)} ended with exit code ${code}.`, { exitCode: code });
  return code;
}

/**
 * Runs a program silently and resolves to `{ code, stdout, output }`, where `output` holds both streams. A code other than 0 is a
 * `Failure` with the output in its message, unless `allowFailure` is set.
 */
export async function capture(program, args, { allowFailure = false, ...options } = {}) {
  const result = await start(program, args, { ...options, stdout: 'pipe' });
  if (result.code !== 0 && !allowFailure) {
    throw new Failure(`${result.output.trimEnd()}\n${display(program, args)} ended with exit code ${result.code}.`);
  }
  return result;
}

function start(program, args, { cwd = root, env = {}, stdout }) {
  // The command is on its way out: whatever it would go on to do must not begin.
  if (interrupted) return new Promise(() => {});
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      // undefined takes a variable away.
      env: { ...process.env, ...env },
      // Nothing may wait for an answer: CI has no one to give it.
      stdio: ['ignore', stdout, stdout],
      // A group of its own, so that the browsers which drivers start can be ended together with them.
      detached: !onWindows,
    });
    running.add(child);

    let text = '';
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', chunk => { text += chunk; output += chunk; });
    child.stderr?.setEncoding('utf8').on('data', chunk => { output += chunk; });

    child.once('error', error => {
      running.delete(child);
      reject(error.code === 'ENOENT'
        ? new Failure(`Cannot start ${program}: it is not on the PATH.`)
        : new Failure(`Cannot start ${program}: ${error.message}`));
    });
    // What a failed test leaves behind (a browser without its driver) would otherwise keep the pipes and the machine busy.
    child.once('exit', () => end(child, 'SIGKILL'));
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 128 + (constants.signals[signal] ?? 0), stdout: text, output });
    });
  });
}

/** Signals a child and everything in its group; true if anything was there to get it. */
function end(child, signal) {
  try {
    return onWindows ? child.kill(signal) : process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

function display(program, args) {
  return [program, ...args].map(word => (/[\s"']/.test(word) ? JSON.stringify(word) : word)).join(' ');
}

// Children have their own groups, so a Ctrl-C at the terminal reaches only us: pass it on, and insist after two seconds or a second one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    const code = 128 + constants.signals[signal];
    const insist = () => {
      for (const child of running) end(child, 'SIGKILL');
      process.exit(code);
    };
    if (interrupted || running.size === 0) return insist();
    interrupted = true;
    for (const child of running) end(child, 'SIGTERM');
    setTimeout(insist, 2000);
    await Promise.all([...running].map(child => new Promise(resolve => child.once('close', resolve))));
    process.exit(code);
  });
}
