// What em++ makes of the core, under the name that it has beside the hosts.
declare const factory: (settings: object) => Promise<never>;
export default factory;
