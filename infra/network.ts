/**
 * The functions in a network of the user's. All that they call is DynamoDB and S3, so two gateway endpoints,
 * which cost nothing, are the way out; logs, metrics and traces go by Lambda itself.
 */
import { GatewayVpcEndpoint, GatewayVpcEndpointAwsService, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { FunctionOptions } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { StratalogProps } from './props.ts';

/** Adds the endpoints to the network, if there is one and it lacks them. */
export const addGatewayEndpoints = ({ vpc, gatewayEndpoints = true }: StratalogProps): void => {
  if (vpc === undefined || !gatewayEndpoints) return;
  addEndpoint(vpc, 'StratalogDynamoDb', GatewayVpcEndpointAwsService.DYNAMODB);
  addEndpoint(vpc, 'StratalogS3', GatewayVpcEndpointAwsService.S3);
};

/** A second log in the same network finds the endpoints of the first. */
const addEndpoint = (vpc: IVpc, id: string, service: GatewayVpcEndpointAwsService): void => {
  if (vpc.node.tryFindChild(id) !== undefined) return;
  try {
    vpc.addGatewayEndpoint(id, { service });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `vpc cannot get endpoints for DynamoDB and S3 (${why}). Import it with the ids of its route tables, or say gatewayEndpoints: false if it has them.`,
      { cause },
    );
  }
};

/**
 * The endpoints of the network, ours or not. A function that topics are made by has to have them first, and to keep them until
 * the last topic is gone: CloudFormation makes and deletes what does not depend on another at the same time, and one
 * that cannot send its answer holds up the stack.
 */
export const waysOutOf = ({ vpc }: StratalogProps): readonly IConstruct[] =>
  vpc?.node.findAll().filter((construct) => construct instanceof GatewayVpcEndpoint) ?? [];

/** What puts a function into the network. */
export const networkOf = ({
  vpc,
  vpcSubnets,
  securityGroups,
}: StratalogProps): Pick<
  FunctionOptions,
  'vpc' | 'vpcSubnets' | 'securityGroups' | 'allowPublicSubnet'
> =>
  vpc === undefined
    ? {}
    : {
        vpc,
        // In a public subnet a function has no way to the internet. It needs none.
        allowPublicSubnet: true,
        ...(vpcSubnets !== undefined && { vpcSubnets }),
        ...(securityGroups !== undefined && { securityGroups: [...securityGroups] }),
      };
