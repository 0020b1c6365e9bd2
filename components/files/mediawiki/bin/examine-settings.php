<?php
// A maintenance script that writes what MediaWiki makes of this wiki's settings as JSON into a file, for the migration.
require_once '/var/www/html/maintenance/Maintenance.php';

use MediaWiki\Maintenance\Maintenance;
use MediaWiki\MediaWikiServices;

// Until MediaWiki 1.42 the class has no namespace.
if ( !class_exists( Maintenance::class ) ) {
	class_alias( 'Maintenance', Maintenance::class );
}

class ExamineSettings extends Maintenance {
	public function __construct() {
		parent::__construct();
		$this->addArg( 'file', 'path of the file' );
	}

	public function execute() {
		// Names of namespaces in the variants of a language, such as those of Chinese, are messages, which MediaWiki would look up in a
		// database that is not installed yet.
		MediaWikiServices::getInstance()->getMessageCache()->disable();
		$language = MediaWikiServices::getInstance()->getContentLanguage();
		$names = [];
		foreach ( MediaWikiServices::getInstance()->getNamespaceInfo()->getCanonicalNamespaces() as $index => $name ) {
			$names[$language->lc( $name )] = $index;
		}
		file_put_contents( $this->getArg( 0 ), json_encode( [
			// The name of the project namespace as titles begin with it, and whether it is valid and belongs to no other namespace.
			'project' => $language->ucfirst( $language->getNsText( NS_PROJECT ) ),
			'sound' => $this->isSound( $language ),
			// All names of namespaces that MediaWiki knows, in lower case.
			'names' => $names + $language->getNamespaceIds(),
		], JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE ) );
	}

	private function isSound( $language ): bool {
		$ours = [ NS_PROJECT, NS_PROJECT_TALK ];
		foreach ( $language->getNamespaces() as $index => $name ) {
			$leads = $language->getNsIndex( $name );
			if ( $leads !== $index && ( in_array( $index, $ours, true ) || in_array( $leads, $ours, true ) ) ) {
				return false;
			}
		}
		foreach ( $ours as $index ) {
			$name = $language->getNsText( $index );
			// The name has to be a valid title, and to select its namespace as the prefix of a title.
			if ( !$this->leadsTo( $name, NS_MAIN, $language->lc( $name ) ) || !$this->leadsTo( "$name:X", $index, 'x' ) ) {
				return false;
			}
		}
		return true;
	}

	/** Tells whether a title belongs to a namespace and has this text in it, ignoring case. */
	private function leadsTo( string $title, int $namespace, string $text ): bool {
		try {
			$parsed = MediaWikiServices::getInstance()->getTitleParser()->parseTitle( $title );
		} catch ( Exception $e ) { // not a title, or perhaps one with an interwiki prefix, which MediaWiki looks up in the database
			return false;
		}
		return $parsed->getNamespace() === $namespace && mb_strtolower( $parsed->getDBkey() ) === $text;
	}
}

$maintClass = ExamineSettings::class;
require_once RUN_MAINTENANCE_IF_MAIN;
