/**
 * Imported by the emulator's functions: those of CDK answer CloudFormation at port 443, whatever port the URL
 * has that they were given.
 */
import https from 'node:https';

const { request } = https;

https.request = ((options: https.RequestOptions, ...rest: readonly unknown[]) =>
  Reflect.apply(request, https, [
    options.hostname === 'localhost' && options.port === undefined
      ? { ...options, port: process.env.GATEWAY_PORT }
      : options,
    ...rest,
  ])) as typeof request;
