#!/usr/bin/env node
/**
 * Entry of the command line. It loads the program after turning on Node's cache of compiled modules,
 * which halves the time a command takes to start.
 *
 * The package runs in older versions of Node as a library; so this file, read by those too, says what
 * the command line needs before anything is loaded that they cannot load.
 */
import * as nodeModule from 'node:module';
import process from 'node:process';

const NEEDED_NODE = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED_NODE) {
  process.stderr.write(
    `stratalog: The command line and \`stratalog dev\` need Node ${NEEDED_NODE} or newer; this is ${process.version}. As a library, stratalog runs in Node 20 and newer.\n`,
  );
  process.exitCode = 2;
} else {
  nodeModule.enableCompileCache();
  const { runProgram } = await import('./program.ts');
  await runProgram();
}
