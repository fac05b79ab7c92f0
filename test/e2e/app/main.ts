/**
 * What another team's CDK app may be: topics of a log that it did not deploy, and those who may use them.
 *
 *   -c log=STACK            the stack with the log
 *   -c stackName=STACK      this one
 *   -c orders=PARTITIONS    the topic `orders`, destroyed when it is taken out; 0: taken out
 *   -c payments=PARTITIONS  the topic `payments`, kept when it is taken out; 0: taken out
 */
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Stratalog, Topic } from '../../../infra/index.ts';

const app = new App();
const setting = (name: string): string => String(app.node.getContext(name));
const stack = new Stack(app, 'Shop', { stackName: setting('stackName') });
const log = Stratalog.fromStackOutputs(stack, 'Log', { stackName: setting('log') });

const partitions = { orders: Number(setting('orders')), payments: Number(setting('payments')) };
if (partitions.orders > 0) {
  const orders = new Topic(stack, 'Orders', {
    log,
    name: 'orders',
    partitions: partitions.orders,
    retention: Duration.days(7),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new CfnOutput(stack, 'OrdersId', { value: orders.topicId });
}
if (partitions.payments > 0) {
  const configs = { 'max.message.bytes': '2048' };
  const payments = { log, name: 'payments', partitions: partitions.payments, configs };
  new Topic(stack, 'Payments', payments);
}

/** Whoever may assume roles in the account can be this one. */
const somebody = (id: string): Role => {
  const role = new Role(stack, id, { assumedBy: new AccountRootPrincipal() });
  new CfnOutput(stack, `${id}Role`, { value: role.roleArn });
  return role;
};

const orders = Topic.fromTopicName(stack, 'OrdersByName', { log, name: 'orders' });
orders.grantProduce(somebody('Producer'));
orders.grantConsume(somebody('Consumer'), 'billing');
log.grantAdmin(somebody('Admin'));
log.grantInvoke(somebody('Invoker'));
somebody('Nobody');
