<?php
declare( strict_types=1 );

/** The MediaWiki that this container's image has. */
class Image {
	public const ROOT = '/var/www/html';

	public static function version(): string {
		preg_match( "/'MW_VERSION', '([^']+)'/", file_get_contents( self::ROOT . '/includes/Defines.php' ), $found );
		return $found[1];
	}

	/** Returns the file whose existence makes a version of MediaWiki read-only, see LocalSettings.php. */
	public static function readOnlyFile( string $version ): string {
		return self::ROOT . "/images/.read-only-$version";
	}
}
