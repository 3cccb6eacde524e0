/**
 * How a connection speaks: the present protocol, or the one before it, which older clients still use. Decided
 * when it connects. Inside there is only `ga`: `beta` is translated where messages come in and go out.
 */
export type Dialect = "ga" | "beta";
