<?php
// Which classes web servers load when they start: those of the pages that the migration has seen rendered.
declare( strict_types=1 );

/** The list of files of which a gate's pages are made. It goes from the migration to Pods by way of a note in the database. */
class Preloading {
	/** Where preload.php finds the list. */
	public const LIST = '/tmp/preload';
	/** Where LocalSettings.php notes what a page was made of. */
	public const USED = '/tmp/used';

	/** Begins to note what pages are made of; none of it is preloaded meanwhile. */
	public static function observe(): void {
		@unlink( self::LIST );
		@unlink( self::USED );
	}

	/** Makes a list of what was noted, and returns how many files it has. */
	public static function settle(): int {
		$used = is_file( self::USED ) ? array_unique( file( self::USED, FILE_IGNORE_NEW_LINES ) ) : [];
		$files = array_filter( $used, self::declaresOnly( ... ) );
		file_put_contents( self::LIST, implode( "\n", $files ) );
		return count( $files );
	}

	/** What is left of it when pages cannot be rendered with it. */
	public static function discard(): void {
		unlink( self::LIST );
	}

	/** The list as a note, which has 64 kB. */
	public static function note(): string {
		return is_file( self::LIST ) ? gzcompress( file_get_contents( self::LIST ) ) : '';
	}

	/** Puts the list of a note where preload.php finds it. */
	public static function follow( ?string $note ): void {
		if ( (string)$note !== '' ) {
			file_put_contents( self::LIST, gzuncompress( $note ) );
		}
	}

	/** Tells whether a file of the image does nothing but declare classes. What else it did would not be done if it were preloaded. */
	private static function declaresOnly( string $file ): bool {
		if ( !str_starts_with( $file, '/var/www/html/' ) ) {
			return false;
		}
		$depth = 0;
		$begins = true; // whether the next token is the first of a statement
		$classes = 0;
		foreach ( PhpToken::tokenize( file_get_contents( $file ) ) as $token ) {
			if ( $token->isIgnorable() ) {
				continue;
			}
			if ( $depth === 0 && $begins ) {
				if ( !$token->is( [ T_NAMESPACE, T_USE, T_DECLARE, T_ATTRIBUTE, ...self::CLASSES, ';' ] ) ) {
					return false;
				}
				$classes += $token->is( self::CLASSES ) ? 1 : 0;
			}
			$depth += match ( true ) {
				$token->is( [ '{', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES ] ) => 1,
				$token->is( '}' ) => -1,
				default => 0,
			};
			$begins = $depth === 0 && $token->is( [ ';', '}' ] );
		}
		return $classes > 0;
	}

	private const CLASSES = [ T_ABSTRACT, T_FINAL, T_CLASS, T_INTERFACE, T_TRAIT ];
}
