#!/usr/bin/env node
/**
 * Entry of the command line. It loads the program after turning on Node's cache of compiled modules,
 * which halves the time a command takes to start.
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runProgram } = await import('./program.ts');
await runProgram();
