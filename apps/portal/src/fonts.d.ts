/** Style sheets that the bundler takes from the font packages. */
declare module "@fontsource-variable/*/wght.css";
/** Style sheets that come with a part of a page that is loaded later. */
declare module "*.css" {}
