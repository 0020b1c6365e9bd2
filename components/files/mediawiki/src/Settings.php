<?php
declare( strict_types=1 );

/** The values of this wiki, from wiki.json. */
class Settings {
	/** The folder of LocalSettings.php, wiki.json and extra.php. */
	public const FOLDER = '/etc/mediawiki-stack';

	public static function read(): array {
		return json_decode( file_get_contents( self::FOLDER . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR );
	}
}
