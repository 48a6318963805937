/** A VM by its number (193), its place among those of a role ("etcd 2"), or what it is when the step begins ("vip-owner"). */

/** A VM by its number (193), its place among those of a role ("etcd 2"), or what it is when the step begins ("vip-owner"). */
export type Target = number | string
