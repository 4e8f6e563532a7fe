/** Style sheets that come with a part of the portal: the bundler puts each beside the script that needs it. */
declare module "*.css";
