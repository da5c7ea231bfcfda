/**
 * Names of the formats that PANNIER_FORMAT takes, beside `regex:…`; a test compares them with those that there are. They are here because the
 * configuration does not load the formats.
 */
export const formatNames: readonly string[] = [
  'auto',
  'raw',
  'json',
  'logfmt',
  'cri',
  'docker',
  'klog',
  'syslog',
  'access',
  'nginx',
  'apache',
  'haproxy',
  'envoy',
  'aws-elb',
  's3-access',
  'gin',
  'squid',
  'suricata',
  'w3c',
  'zeek',
  'csv',
  'text',
];
